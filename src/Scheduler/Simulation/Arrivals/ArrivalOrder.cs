namespace GpuActors.Scheduler.Simulation.Arrivals;

/// <summary>Which tasks of a trace arrive, and in what order, when nothing ever departs.</summary>
public enum ArrivalOrder
{
    /// <summary>Each once, in random order, then as many drawn again as the wanted demand takes.</summary>
    Shuffled,

    /// <summary>Each once, as they stand in the file.</summary>
    File,

    /// <summary>As they stand in the file, again and again, up to the wanted demand.</summary>
    Cycled,
}

/// <summary>
/// Lists of arrivals as the openb protocol makes them (Weng et al., USENIX ATC 2023): the demand of all arrivals is
/// brought to a multiple of what the cluster has.
/// </summary>
/// <param name="milliPerGpu">For each task what it asks of each of its GPUs, in thousandths of a GPU.</param>
/// <param name="milliTotal">For each task what it asks for in all.</param>
/// <param name="capacityMilli">What the cluster has.</param>
public sealed class ArrivalList(int[] milliPerGpu, long[] milliTotal, long capacityMilli)
{
    /// <summary>How much is asked for in the end, as a multiple of what there is.</summary>
    public const double DefaultRatio = 1.3;

    /// <summary>So many arrivals end a list that no demand ends.</summary>
    private const int MaxArrivals = 20_000_000;

    /// <summary>The indexes of the tasks that arrive, in their order.</summary>
    /// <param name="order">Which list.</param>
    /// <param name="random">For <see cref="ArrivalOrder.Shuffled"/>.</param>
    /// <param name="ratio">Where a list ends that is longer than the trace.</param>
    public int[] Make(ArrivalOrder order, SeededRandom random, double ratio = DefaultRatio) => order switch
    {
        ArrivalOrder.File => [.. Enumerable.Range(0, milliTotal.Length)],
        ArrivalOrder.Cycled => Extend([], ratio, at => at % milliTotal.Length),
        _ => Shuffled(random, ratio),
    };

    private int[] Shuffled(SeededRandom random, double ratio)
    {
        var all = random.Permutation(milliTotal.Length);
        var demand = milliTotal.Sum();
        if (demand <= ratio * capacityMilli)
        {
            return Extend(all, ratio, _ => random.NextInt(milliTotal.Length));
        }

        // They are in random order already, so the last ones are random ones.
        var count = all.Length;
        while (count > 0 && demand > ratio * capacityMilli)
        {
            demand -= milliTotal[all[--count]];
        }

        return all[..count];
    }

    /// <summary>
    /// Adds tasks up to the first that would exceed the ratio. The protocol's own program adds only what a task asks of
    /// one GPU in that comparison, and so does this.
    /// </summary>
    private int[] Extend(int[] first, double ratio, Func<int, int> next)
    {
        var list = new List<int>(first);
        var demand = first.Sum(task => milliTotal[task]);
        if (milliTotal.Sum() == 0)
        {
            return [.. first];
        }

        while (list.Count < MaxArrivals)
        {
            var task = next(list.Count);
            if (demand + milliPerGpu[task] > ratio * capacityMilli)
            {
                break;
            }

            demand += milliTotal[task];
            list.Add(task);
        }

        return [.. list];
    }
}
