using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>
/// One node's share of a simulation. While it is paused, as by SIGSTOP, none of its actors and timers runs, but its
/// clock goes on; what came due meanwhile runs at its resumption.
/// </summary>
internal sealed class PausableRuntime : IActorRuntime
{
    private readonly VirtualRuntime _world;
    private readonly List<IThreadPoolWorkItem> _held = [];

    public PausableRuntime(VirtualRuntime world, INetwork network)
    {
        _world = world;
        Network = network;
        Time = new NodeTime(this);
    }

    public TimeProvider Time { get; }

    public IRandomSource Random => _world.Random;

    public INetwork Network { get; }

    public bool IsPaused { get; private set; }

    public void Execute(IThreadPoolWorkItem work) => _world.Execute(new Guarded(this, work));

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        foreach (var work in _held)
        {
            Execute(work);
        }

        _held.Clear();
    }

    private sealed class Guarded(PausableRuntime node, IThreadPoolWorkItem work) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (node.IsPaused)
            {
                node._held.Add(work);
            }
            else
            {
                work.Execute();
            }
        }
    }

    private sealed class NodeTime(PausableRuntime node) : TimeProvider
    {
        public override long TimestampFrequency => node._world.Time.TimestampFrequency;

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override long GetTimestamp() => node._world.Time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => node._world.Time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            node._world.Time.CreateTimer(_ => new Guarded(node, new Tick(callback, state)).Execute(), null, dueTime, period);
    }

    private sealed class Tick(TimerCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => callback(state);
    }
}
