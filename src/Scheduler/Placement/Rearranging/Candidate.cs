namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>A way to make room that looks as if it would do: numbers of tasks, -1 for none.</summary>
/// <param name="CostMilli">Thousandths of GPUs to be moved.</param>
/// <param name="First">Leaves the host where the request is to go.</param>
/// <param name="Second">Leaves that host, too.</param>
/// <param name="Displaced">Leaves the host where <paramref name="First"/> then goes.</param>
/// <param name="Swap"><paramref name="Displaced"/> goes where <paramref name="First"/> was.</param>
internal readonly record struct Candidate(int CostMilli, int First, int Second = -1, int Displaced = -1, bool Swap = false)
    : IComparable<Candidate>
{
    public int CompareTo(Candidate other) => CostMilli != other.CostMilli ? CostMilli.CompareTo(other.CostMilli)
        : First != other.First ? First.CompareTo(other.First)
        : Second != other.Second ? Second.CompareTo(other.Second) : Displaced.CompareTo(other.Displaced);
}
