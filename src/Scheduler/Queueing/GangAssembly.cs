using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// Members of gangs that are not all there yet. Such a gang is not in the queue, so that nobody waits for it and it holds
/// nothing.
/// </summary>
public sealed class GangAssembly
{
    private readonly Dictionary<(string Tenant, string Name), SortedDictionary<string, WaitingSession>> _gangs = [];
    private readonly Dictionary<string, (string Tenant, string Name)> _gangOf = new(StringComparer.Ordinal);

    /// <summary>Members that wait for others.</summary>
    public int Count => _gangOf.Count;

    /// <summary>A member has come; true with all of them, by id, if it was the last that was missing.</summary>
    /// <exception cref="ArgumentException">It is not a member of a gang.</exception>
    public bool Add(WaitingSession member, [NotNullWhen(true)] out WaitingSession[]? complete)
    {
        complete = null;
        var ticket = member.Gang ?? throw new ArgumentException($"{member.Session} is not a member of a gang.");
        var key = (member.Terms.Tenant, ticket.Name);
        if (!_gangs.TryGetValue(key, out var members))
        {
            _gangs[key] = members = new SortedDictionary<string, WaitingSession>(StringComparer.Ordinal);
        }

        members[member.Session] = member;
        _gangOf[member.Session] = key;
        if (members.Count < ticket.Size)
        {
            return false;
        }

        complete = [.. members.Values];
        Forget(key);
        return true;
    }

    /// <summary>The member is here and waits for others.</summary>
    public bool Contains(string session) => _gangOf.ContainsKey(session);

    /// <summary>The member of that id; null if it is not here.</summary>
    public WaitingSession? Find(string session) =>
        _gangOf.TryGetValue(session, out var key) ? _gangs[key][session] : null;

    /// <summary>A member does not want slices any more; false if it is not here.</summary>
    public bool Remove(string session)
    {
        if (!_gangOf.Remove(session, out var key))
        {
            return false;
        }

        _gangs[key].Remove(session);
        if (_gangs[key].Count == 0)
        {
            _gangs.Remove(key);
        }

        return true;
    }

    /// <summary>"waits: 2 of 4 members of gang g are here"; null if the session does not wait for others.</summary>
    public string? ReasonOf(string session) => !_gangOf.TryGetValue(session, out var key) ? null
        : $"waits: {_gangs[key].Count} of {_gangs[key][session].Gang!.Size} members of gang {key.Name} are here";

    private void Forget((string Tenant, string Name) key)
    {
        foreach (var session in _gangs[key].Keys)
        {
            _gangOf.Remove(session);
        }

        _gangs.Remove(key);
    }
}
