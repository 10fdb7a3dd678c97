using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Oracle;
using GpuActors.Worker.Actors;

namespace GpuActors.Simulation.Devices;

/// <summary>
/// The executors of one worker process: they take virtual time, report progress, obey a stop after a moment, and
/// sometimes fail or die. When their worker is killed they live on for a moment, as real ones do.
/// </summary>
internal sealed class SimulatedDevices(
    SimulatedWorld world, WorkerHost worker, SimulatedProcess process, DeviceOracle oracle, SeededRandomSource random)
    : IAttemptRunner
{
    private static readonly TimeSpan LastMoments = TimeSpan.FromMilliseconds(200);

    private readonly List<SimulatedExecutor> _executors = [];
    private TimeSpan _goneAt;

    public Task<AttemptOutcome> RunAsync(StartAttempt attempt, IAttemptObserver observer, CancellationToken stop)
    {
        var executor = new SimulatedExecutor(process, oracle, random, worker, attempt, observer);
        _executors.Add(executor);
        return executor.Start(() => _executors.Remove(executor), stop);
    }

    /// <summary>How long the executors of a killed worker still live: its successor waits for their end.</summary>
    public TimeSpan LastsFor => _goneAt > world.Now ? _goneAt - world.Now : TimeSpan.Zero;

    /// <summary>The worker's process was killed.</summary>
    public void WorkerKilled(bool withHost)
    {
        foreach (var executor in _executors)
        {
            if (withHost)
            {
                executor.Die();
            }
            else
            {
                var lasts = LastMoments * random.NextDouble();
                _goneAt = world.Now + lasts > _goneAt ? world.Now + lasts : _goneAt;
                world.After(lasts, executor.Die);
            }
        }
    }
}
