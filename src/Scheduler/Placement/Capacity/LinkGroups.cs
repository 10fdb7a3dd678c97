using System.Numerics;
using GpuActors.Scheduler.Placement.Constraints;

namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>Which GPUs of a host belong together, as bits.</summary>
/// <param name="NvLink">The sets of GPUs with one NVLink or PCIe group; empty: all are one.</param>
/// <param name="Numa">The sets of GPUs of one NUMA node; empty: all are one.</param>
public sealed record LinkGroups(IReadOnlyList<ulong> NvLink, IReadOnlyList<ulong> Numa)
{
    /// <summary>All of a host's GPUs belong together.</summary>
    public static LinkGroups One { get; } = new([], []);

    /// <summary>Groups from each GPU's numbers of its NVLink group and its NUMA node.</summary>
    public static LinkGroups Of(IReadOnlyList<int> nvLink, IReadOnlyList<int> numa) => new(Sets(nvLink), Sets(numa));

    /// <summary>
    /// Of the GPUs that fit, so many that belong together: from the group that has the fewest to spare, and of that those
    /// with the lowest numbers; 0 if no group has so many.
    /// </summary>
    public ulong Choose(Topology topology, ulong fitting, int count)
    {
        var groups = topology switch { Topology.NvLink => NvLink, Topology.Numa => Numa, _ => [] };
        if (groups.Count == 0)
        {
            return Lowest(fitting, count);
        }

        var (best, bestSpare) = (0UL, int.MaxValue);
        for (var i = 0; i < groups.Count; i++)
        {
            var spare = BitOperations.PopCount(fitting & groups[i]) - count;
            if (spare >= 0 && spare < bestSpare)
            {
                (best, bestSpare) = (fitting & groups[i], spare);
            }
        }

        return Lowest(best, count);
    }

    private static ulong Lowest(ulong fitting, int count)
    {
        if (BitOperations.PopCount(fitting) < count)
        {
            return 0;
        }

        var chosen = 0UL;
        for (var left = fitting; count > 0; count--, left &= left - 1)
        {
            chosen |= left & (~left + 1);
        }

        return chosen;
    }

    private static ulong[] Sets(IReadOnlyList<int> numbers)
    {
        if (numbers.Count > HostSpec.GpuLimit)
        {
            throw new ArgumentException($"A host has at most {HostSpec.GpuLimit} GPUs.");
        }

        var sets = numbers.Select((group, gpu) => (group, gpu)).GroupBy(pair => pair.group)
            .Select(group => group.Aggregate(0UL, (bits, pair) => bits | (1UL << pair.gpu))).ToArray();
        return sets.Length > 1 ? sets : [];
    }
}
