using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// A process of the simulation: the runtime of the actor systems in it. It can be paused, so that nothing of it runs
/// and its timers fire late, and killed, after which nothing of it ever runs again.
/// </summary>
public sealed class SimulatedProcess : IActorRuntime
{
    private readonly SimulatedWorld _world;
    private readonly ProcessClock _clock;
    private readonly List<IThreadPoolWorkItem> _kept = [];

    internal SimulatedProcess(
        SimulatedWorld world, string name, string host, IRandomSource random, double clockRate, TimeSpan clockSkew)
    {
        _world = world;
        Name = name;
        Host = host;
        Random = random;
        Context = new VirtualSynchronizationContext(this);
        PipeScheduler = new VirtualPipeScheduler(this);
        _clock = new ProcessClock(world.Runtime, this, clockRate) { Skew = clockSkew };
        Network = new ProcessNetwork(world.Network, this);
    }

    /// <summary>Its name in traces.</summary>
    public string Name { get; }

    /// <summary>The host that it runs on.</summary>
    public string Host { get; }

    /// <summary>It was killed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>It is paused.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>It is neither paused nor dead.</summary>
    public bool IsRunning => !IsDead && !IsPaused;

    /// <summary>How far its wall clock is ahead of the simulation's; may jump at any time.</summary>
    public TimeSpan ClockSkew
    {
        get => _clock.Skew;
        set => _clock.Skew = value;
    }

    /// <inheritdoc/>
    public TimeProvider Time => _clock;

    /// <inheritdoc/>
    public IRandomSource Random { get; }

    /// <inheritdoc/>
    public INetwork Network { get; }

    internal VirtualSynchronizationContext Context { get; }

    internal VirtualPipeScheduler PipeScheduler { get; }

    /// <inheritdoc/>
    public void Execute(IThreadPoolWorkItem work)
    {
        if (!IsDead)
        {
            _world.Runtime.Execute(work, this);
        }
    }

    /// <summary>Runs <paramref name="action"/> in the process, soon.</summary>
    public void Run(Action action) => Execute(new Running(action));

    /// <summary>As SIGSTOP does: nothing runs until <see cref="Resume"/>; the kernel goes on receiving.</summary>
    public void Pause() => IsPaused = !IsDead;

    /// <summary>As SIGCONT does: whatever became ready in the meantime runs now.</summary>
    public void Resume()
    {
        IsPaused = false;
        foreach (var work in _kept)
        {
            Execute(work);
        }

        _kept.Clear();
    }

    /// <summary>As SIGKILL does: all that was in memory is gone. The host's kernel resets the connections.</summary>
    public void Kill() => End(hostDies: false);

    /// <summary>The host loses its power: nobody is told anything until <see cref="SimulatedNetwork.HostUp"/>.</summary>
    public void KillWithHost() => End(hostDies: true);

    internal void Keep(IThreadPoolWorkItem work)
    {
        if (IsPaused)
        {
            _kept.Add(work);
        }
    }

    private void End(bool hostDies)
    {
        IsDead = true;
        IsPaused = false;
        _kept.Clear();
        _world.Network.ProcessEnded(this, hostDies);
    }

    private sealed class Running(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
