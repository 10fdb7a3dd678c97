namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>How full the cluster was over a run, hosts put together in bands of the same model.</summary>
/// <param name="Bands">From top to bottom.</param>
/// <param name="Columns">From the beginning to the end: where each was taken.</param>
/// <param name="Allocated">For each column the allocated part of each band, 0 to 1.</param>
public sealed record HeatMap(
    IReadOnlyList<HeatBand> Bands, IReadOnlyList<double> Columns, IReadOnlyList<float[]> Allocated);

/// <summary>Hosts that are shown together.</summary>
/// <param name="Model">Their GPU model.</param>
/// <param name="Hosts">How many hosts.</param>
/// <param name="Gpus">How many GPUs they have in all.</param>
public readonly record struct HeatBand(string Model, int Hosts, int Gpus);
