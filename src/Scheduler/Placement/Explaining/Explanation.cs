namespace GpuActors.Scheduler.Placement.Explaining;

/// <summary>Why a request fits where it does, or nowhere, and what would help.</summary>
/// <param name="HostCount">How many hosts there are.</param>
/// <param name="FittingHosts">How many can take it now.</param>
/// <param name="FittingWhenEmpty">How many of the others could if nothing ran there.</param>
/// <param name="Barriers">What keeps it off the others.</param>
/// <param name="Help">What would make room, each a sentence.</param>
public sealed record Explanation(
    int HostCount, int FittingHosts, int FittingWhenEmpty, IReadOnlyList<Barrier> Barriers, IReadOnlyList<string> Help)
{
    /// <summary>All in a few words: <c>No room: 412 hosts: too little GPU free; 88 hosts: model.</c></summary>
    public string Sentence() => HostCount == 0 ? "There are no hosts."
        : FittingHosts > 0 ? $"{Hosts(FittingHosts)} of {HostCount} can take it."
        : $"No room: {string.Join("; ", Barriers.Select(b => $"{Hosts(b.Hosts)}: {Words(b)}"))}.";

    /// <summary>A barrier in a few words.</summary>
    public static string Words(Barrier barrier) => barrier.Kind switch
    {
        BarrierKind.Closed => "not available",
        BarrierKind.Model => "another model",
        BarrierKind.Term => barrier.Term!.ToString(),
        BarrierKind.CpuInAll => "too little CPU even when empty",
        BarrierKind.MemoryInAll => "too little memory even when empty",
        BarrierKind.GpusInAll => "too few GPUs even when empty",
        BarrierKind.Cpu => "too little CPU free",
        BarrierKind.Memory => "too little memory free",
        BarrierKind.Gpu => "too little GPU free",
        _ => "GPUs that fit don't belong together",
    };

    internal static string Hosts(int count) => count == 1 ? "1 host" : $"{count} hosts";
}
