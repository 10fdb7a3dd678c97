namespace GpuActors.Actors.Cluster;

/// <summary>
/// Who makes way when members that all reach the store can't reach each other. Pure. Each node decides for itself, by
/// what it sees itself; nothing is lost when two of them are wrong, for the store fences all writes: only work moves.
/// </summary>
internal static class Isolation
{
    /// <summary>
    /// The smaller part yields, of equal parts the one without the oldest member, as in Akka's keep-majority. Where two
    /// can't reach each other that both reach the majority, the younger yields, after twice the time: by then who is
    /// cut off from the majority has yielded.
    /// </summary>
    /// <param name="members">All members, the oldest first.</param>
    /// <param name="selfId">Who decides; nobody but a member that is up yields.</param>
    /// <param name="lostFor">For how long this node has not reached a member; zero if it does.</param>
    /// <param name="after">The time after which a member counts as lost.</param>
    public static bool MustYield(
        IReadOnlyList<Member> members, string selfId, Func<Member, TimeSpan> lostFor, TimeSpan after)
    {
        var up = members.Where(member => member.IsEligible).ToArray();
        if (Array.Find(up, member => member.Id == selfId) is not { } self)
        {
            return false;
        }

        var lost = up.Where(member => member.Id != selfId && lostFor(member) >= after).ToArray();
        var reached = up.Length - lost.Length;
        return lost.Length > reached
            || (lost.Length == reached && lost.Contains(up[0]))
            || Array.Exists(lost, member => member.IsOlderThan(self) && lostFor(member) >= 2 * after);
    }
}
