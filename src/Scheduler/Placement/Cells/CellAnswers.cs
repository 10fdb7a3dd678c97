using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>Makes one answer of what the cells of a pool say. One cell's answer stays as it is.</summary>
public static class CellAnswers
{
    /// <summary>No cell has room: counts of the same reason are added up, and room in one would do.</summary>
    /// <param name="refusals">One of each cell, in the order of their numbers.</param>
    /// <param name="pool">The pool's name.</param>
    public static NoRoom Merge(IReadOnlyList<NoRoom> refusals, string pool) => refusals is [var only] ? only
        : new NoRoom(
            refusals[0].Session,
            RefusalTally.Sentence(Sum(refusals.Select(refusal => refusal.Reasons ?? [])), pool),
            refusals.Any(refusal => refusal.CouldFit));

    /// <summary>What all of them have. A host that two tell of is as the one tells that may give out its slices.</summary>
    /// <param name="inventories">One of each cell, in the order of their numbers.</param>
    public static CellInventory Merge(IReadOnlyList<CellInventory> inventories) => inventories is [var only] ? only
        : new CellInventory(
            [.. inventories.SelectMany(cell => cell.Devices).GroupBy(device => (device.Host, device.Gpu.Index)).Select(Merge)],
            [.. inventories.SelectMany(cell => cell.Elsewhere ?? [])],
            [.. inventories.SelectMany(cell => cell.Hosts ?? []).GroupBy(host => host.Host)
                .Select(told => told.FirstOrDefault(host => host.Available) ?? told.First())]);

    /// <summary>
    /// Why a session is where it is, by the word of the cell where it is; or where it could be; or why nowhere, and what
    /// would help anywhere.
    /// </summary>
    /// <param name="answers">One of each cell, in the order of their numbers.</param>
    /// <param name="pool">The pool's name.</param>
    public static PlacementExplained Merge(IReadOnlyList<PlacementExplained> answers, string pool)
    {
        var whole = answers.Count == 1 ? answers[0]
            : answers.FirstOrDefault(answer => answer.IsOwner) ?? answers.FirstOrDefault(answer => answer.Help.Length == 0);
        if (whole is not null)
        {
            return whole; // only a refusal says what would help
        }

        var reasons = Sum(answers.Select(answer => answer.Reasons));
        var couldFit = answers.Any(answer => answer.CouldFit);
        return new PlacementExplained(
            RefusalTally.Sentence(reasons, pool),
            null,
            reasons,
            [.. HelpOf(answers, couldFit).Distinct()],
            [.. answers.SelectMany(answer => answer.Moves ?? [])],
            couldFit);
    }

    /// <summary>The last line of each is what it comes to: that no host could ever take it holds only if all say so.</summary>
    private static IEnumerable<string> HelpOf(IReadOnlyList<PlacementExplained> answers, bool couldFit) =>
        answers.SelectMany(answer => answer.Help.SkipLast(1))
            .Concat(answers.Where(answer => answer.CouldFit == couldFit).SelectMany(answer => answer.Help.TakeLast(1)));

    private static PlacementReason[] Sum(IEnumerable<PlacementReason[]> reasons) =>
        [.. reasons.SelectMany(some => some).GroupBy(reason => reason.What)
            .Select(same => new PlacementReason(same.Sum(reason => reason.Count), same.Key))];

    private static DeviceUse Merge(IGrouping<(string Host, int Gpu), DeviceUse> told)
    {
        var device = told.FirstOrDefault(device => device.Available) ?? told.First();
        return device with { Slices = [.. told.SelectMany(one => one.Slices).OrderBy(slice => slice.Epoch)] };
    }
}
