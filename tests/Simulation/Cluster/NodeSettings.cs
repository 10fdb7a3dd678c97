using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Simulation.Cluster;

/// <summary>The settings of reference.conf, read once: they never change.</summary>
internal static class NodeSettings
{
    public const int SchedulerPort = 4700;
    public const int WorkerPort = 4710;

    private static readonly Config Config = ConfigurationFactory.Load(
        [],
        ["gpuactors.security.cluster-secret = \"a secret of the simulation\"", "gpuactors.scheduler.name = \"s\"", "gpuactors.worker.name = \"w\""],
        _ => null);

    public static SchedulerSettings Scheduler { get; } = SchedulerSettings.From(Config);

    public static WorkerSettings Worker { get; } = WorkerSettings.From(Config);
}
