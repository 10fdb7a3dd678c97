using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Simulation.Sizing;

/// <summary>What a search found.</summary>
/// <param name="Found">
/// What each seed found by itself: hosts that it needs, or load that it bears; empty if some found nothing within
/// limits.
/// </param>
/// <param name="Answer">What is enough in every seed.</param>
/// <param name="Waiting">Mean waiting times of the seeds with that answer, in seconds.</param>
/// <param name="P50">Medians.</param>
/// <param name="P95">95th percentiles.</param>
/// <param name="Utilisation">Allocated GPU in percent.</param>
/// <param name="Jobs">Jobs measured in each seed, on average.</param>
public sealed record SizingAnswer(
    Spread? Found, double Answer, Spread Waiting, Spread P50, Spread P95, Spread Utilisation, double Jobs);

/// <summary>
/// Searches by simulation, each seed by itself, and then looks at all seeds with the answer that is enough for each.
/// </summary>
/// <param name="trial">Tries hosts.</param>
/// <param name="goal">What is wanted.</param>
/// <param name="seeds">The seeds, at least one.</param>
public sealed class SizingSearch(ServiceTrial trial, ServiceGoal goal, IReadOnlyList<long> seeds)
{
    private const double LoadPrecision = 0.01;

    /// <summary>Bottom-up: the work that finds for each seed how many hosts of a kind are enough.</summary>
    /// <param name="kind">One host.</param>
    /// <param name="load">Jobs come so many times as fast.</param>
    /// <param name="limit">No more hosts are tried.</param>
    /// <param name="progress">Hears when a seed is done.</param>
    public IEnumerable<Func<CancellationToken, double?>> HostsForEachSeed(
        HostSpec kind, double load, int limit, RunProgress progress)
    {
        var offered = trial.OfferedGpus * load / Math.Max(1, kind.GpuCount);
        var from = (int)Math.Clamp(Math.Ceiling(offered), 1, limit);
        return seeds.Select(seed => Reporting(progress, token => (double?)Bisection.Smallest(
            from, limit, count => goal.IsMetBy(trial.Run([.. Enumerable.Repeat(kind, count)], load, seed, token)))));
    }

    /// <summary>Top-down: the work that finds for each seed what load given hosts bear.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="progress">Hears when a seed is done.</param>
    public IEnumerable<Func<CancellationToken, double?>> LoadForEachSeed(
        IReadOnlyList<HostSpec> hosts, RunProgress progress)
    {
        var gpus = hosts.Sum(host => (double)host.GpuCount);
        var from = trial.OfferedGpus > 0 ? gpus / trial.OfferedGpus : 1;
        return seeds.Select(seed => Reporting(progress, token =>
        {
            var load = Bisection.Largest(
                from, LoadPrecision, load => goal.IsMetBy(trial.Run(hosts, load, seed, token)));
            return load > 0 ? load : (double?)null;
        }));
    }

    /// <summary>The work that looks at each seed with the answer.</summary>
    public IEnumerable<Func<CancellationToken, ServiceFigures>> Confirm(IReadOnlyList<HostSpec> hosts, double load) =>
        seeds.Select(seed => (Func<CancellationToken, ServiceFigures>)(token => trial.Run(hosts, load, seed, token)));

    /// <summary>Puts together what was found.</summary>
    public static SizingAnswer Answer(
        IReadOnlyList<double?> found, double answer, IReadOnlyList<ServiceFigures> seen) =>
        new(
            found.Any(one => one is null) ? null : Spread.Of(found.Select(one => one!.Value)),
            answer,
            Spread.Of(seen.Select(figures => figures.MeanWait)),
            Spread.Of(seen.Select(figures => figures.P50Wait)),
            Spread.Of(seen.Select(figures => figures.P95Wait)),
            Spread.Of(seen.Select(figures => figures.Utilisation)),
            seen.Average(figures => figures.Jobs));

    private static Func<CancellationToken, T> Reporting<T>(RunProgress progress, Func<CancellationToken, T> work) =>
        token =>
        {
            var result = work(token);
            progress.Begin(token).End();
            return result;
        };
}
