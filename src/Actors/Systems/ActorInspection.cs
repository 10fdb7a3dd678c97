namespace GpuActors.Actors;

/// <summary>What an actor does at the moment of a look from outside.</summary>
public enum ActorActivity
{
    /// <summary>Its mailbox is empty.</summary>
    Idle,

    /// <summary>It has messages to process, or is scheduled to.</summary>
    Busy,

    /// <summary>The task of an async handler, a recovery or a write runs.</summary>
    Awaiting,

    /// <summary>It or an ancestor has failed and waits for the supervisor's decision.</summary>
    Suspended,

    /// <summary>It waits for its children to stop before it starts anew.</summary>
    Restarting,

    /// <summary>It stops or has stopped.</summary>
    Stopping,
}

/// <summary>An actor as seen from outside, without disturbing it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="ActorType">Name of its class.</param>
/// <param name="Activity">What it does.</param>
/// <param name="Waiting">Messages that wait, counted up to <see cref="ActorInspection.MaxWaitingCounted"/>; approximate
/// while it works.</param>
/// <param name="Children">Number of its children.</param>
public readonly record struct ActorInfo(
    ActorPath Path, string ActorType, ActorActivity Activity, int Waiting, int Children);

/// <summary>Looks at actors of this node. Costs the actors nothing: nothing is sent to them.</summary>
public static class ActorInspection
{
    /// <summary>Waiting messages are counted up to so many.</summary>
    public const int MaxWaitingCounted = 10_000;

    /// <summary>The actor with a path such as <c>/user/sessions</c>; null if this node has none.</summary>
    public static ActorInfo? Find(ActorSystem system, string path) => FindCell(system, path)?.Look();

    /// <summary>
    /// The actors below a path, parents before their children, nearer ones first, children by their names: at most
    /// <paramref name="limit"/>. Empty if this node has no actor of that path.
    /// </summary>
    public static IReadOnlyList<ActorInfo> List(ActorSystem system, string path, int depth, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var found = new List<ActorInfo>();
        if (FindCell(system, path) is not { } top)
        {
            return found;
        }

        var level = new List<ActorCell> { top };
        for (; depth > 0 && level.Count > 0 && found.Count < limit; depth--)
        {
            level = [.. level.SelectMany(ChildrenOf).Take(limit - found.Count)];
            found.AddRange(level.Select(cell => cell.Look()));
        }

        return found;
    }

    private static IEnumerable<ActorCell> ChildrenOf(ActorCell cell) =>
        cell.Children?.Snapshot().OrderBy(child => child.Name, StringComparer.Ordinal) ?? Enumerable.Empty<ActorCell>();

    private static ActorCell? FindCell(ActorSystem system, string path)
    {
        ActorCell? cell = system.Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            cell = cell?.FindChild(name);
        }

        return cell;
    }
}
