using GpuActors.Scheduler.Simulation.Workloads;

namespace GpuActors.Scheduler.Simulation.Arrivals;

/// <summary>Arrivals of tasks that depart again, in the order of their times.</summary>
public static class TimedArrivals
{
    /// <summary>More than that are not simulated in one run.</summary>
    public const int MaxArrivals = 20_000_000;

    /// <summary>
    /// Tasks like those of the workload, each as often as any other, at random times; lifetimes are exponentially
    /// distributed. As many come as would occupy <paramref name="load"/> times the GPUs if all found room.
    /// </summary>
    /// <param name="tasks">The workload.</param>
    /// <param name="capacityMilli">Thousandths of GPUs that there are.</param>
    /// <param name="load">The offered GPU load, above 0.</param>
    /// <param name="meanLifetime">The mean lifetime in seconds, above 0.</param>
    /// <param name="until">No task arrives after that time, in seconds.</param>
    /// <param name="random">Decides.</param>
    /// <exception cref="SimulationInputException">No task asks for a GPU, or there would be too many
    /// arrivals.</exception>
    public static Arrival[] Churn(
        IReadOnlyList<WorkloadTask> tasks,
        long capacityMilli,
        double load,
        double meanLifetime,
        double until,
        SeededRandom random)
    {
        var meanDemand = tasks.Average(task => (double)task.Request.DemandMilli);
        if (meanDemand <= 0)
        {
            throw new SimulationInputException("No task of the workload asks for a GPU: no load can be offered.");
        }

        var between = meanLifetime * meanDemand / (load * capacityMilli);
        RequireFew(until / between);
        var arrivals = new List<Arrival>();
        for (var at = random.NextExponential(between); at <= until; at += random.NextExponential(between))
        {
            arrivals.Add(new Arrival(at, random.NextInt(tasks.Count), random.NextExponential(meanLifetime)));
        }

        return [.. arrivals];
    }

    /// <summary>The workload's own times, and its rates up to a time.</summary>
    /// <param name="tasks">The workload.</param>
    /// <param name="load">So many times as fast: times between arrivals are divided by it, durations stay.</param>
    /// <param name="until">No task arrives at a rate after that time, in seconds.</param>
    /// <param name="random">
    /// Decides what is not given, for each task by itself: another load or time leaves the jobs as they are.
    /// </param>
    /// <exception cref="SimulationInputException">A task has no time or no duration, or there would be too
    /// many.</exception>
    public static Arrival[] Scheduled(IReadOnlyList<WorkloadTask> tasks, double load, double until, SeededRandom random)
    {
        var arrivals = new List<Arrival>();
        var seed = (long)random.NextBits();
        for (var i = 0; i < tasks.Count; i++)
        {
            var task = tasks[i];
            random = new SeededRandom(seed, i);
            if (task.PerHour is { } perHour)
            {
                RequireFew(arrivals.Count + (until * perHour * load / 3600));
                var between = 3600 / (perHour * load);
                for (var at = random.NextExponential(between); at <= until; at += random.NextExponential(between))
                {
                    arrivals.Add(new Arrival(at, i, DurationOf(task, i, random)));
                }
            }
            else
            {
                var at = task.ArrivalSeconds
                    ?? throw new SimulationInputException($"Task {i + 1} of the workload has no time of arrival.");
                arrivals.Add(new Arrival(at / load, i, DurationOf(task, i, random)));
            }
        }

        return [.. arrivals.OrderBy(arrival => arrival.Seconds)]; // a stable order
    }

    private static double DurationOf(WorkloadTask task, int index, SeededRandom random)
    {
        var duration = task.DurationSeconds
            ?? throw new SimulationInputException($"Task {index + 1} of the workload does not say how long it runs.");
        return Math.Min(task.IsDurationDrawn ? random.NextExponential(duration) : duration, task.LimitSeconds);
    }

    private static void RequireFew(double count)
    {
        if (count > MaxArrivals)
        {
            throw new SimulationInputException(
                $"There would be about {count:0} arrivals; {MaxArrivals} are the most. Simulate less time or load.");
        }
    }
}
