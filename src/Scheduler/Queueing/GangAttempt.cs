namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// One try to get slices for all members of a unit. The cell answers member by member; as soon as one finds no room,
/// whatever the others got, or still get, goes back: a gang is served whole or holds nothing.
/// </summary>
public sealed class GangAttempt(WaitingUnit unit)
{
    private readonly Dictionary<string, long> _epochs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = [.. unit.Members.Select(member => member.Session)];

    /// <summary>What was tried.</summary>
    public WaitingUnit Unit => unit;

    /// <summary>A member found no room.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Why the first of them found none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>They could be served by the hosts that are there, if those were empty.</summary>
    public bool CouldFit { get; private set; } = true;

    /// <summary>Every member has been answered for.</summary>
    public bool IsOver => _open.Count == 0;

    /// <summary>All members have slices.</summary>
    public bool IsServed => IsOver && !IsRefused;

    /// <summary>Members that have not been answered for.</summary>
    public IReadOnlyCollection<string> Open => _open;

    /// <summary>What members hold, by session: to be given back once the attempt is refused.</summary>
    public IReadOnlyDictionary<string, long> Epochs => _epochs;

    /// <summary>A member got slices; false if it is not one, or was answered for already.</summary>
    public bool Reserved(string session, long epoch)
    {
        if (!_open.Remove(session))
        {
            return false;
        }

        _epochs[session] = epoch;
        return true;
    }

    /// <summary>A member found no room; false if it is not one, or was answered for already.</summary>
    public bool Refused(string session, string reason, bool couldFit)
    {
        if (!_open.Remove(session))
        {
            return false;
        }

        IsRefused = true;
        Refusal ??= reason;
        CouldFit &= couldFit;
        return true;
    }
}
