using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;

namespace GpuActors.Scheduler;

/// <summary>How the scheduler's actors reach each other: by kind and key, wherever the actor lives.</summary>
public sealed class SchedulerRegions
{
    private readonly TaskCompletionSource<string> _takenOver = new();
    private volatile bool _isReady;

    /// <summary>The pool of this scheduler; its first cell has the same name.</summary>
    public string Pool { get; set; } = "default";

    /// <summary>Into how many cells that pool is split.</summary>
    public int CellCount { get; set; } = 1;

    /// <summary>All regions run, what was open before has been started again, and this node is still itself.</summary>
    public bool Ready
    {
        get => _isReady && !TakenOver.IsCompleted;
        set => _isReady = value;
    }

    /// <summary>Completes with the reason, for people, when another process has taken this node's name.</summary>
    public Task<string> TakenOver => _takenOver.Task;

    /// <summary>How many sessions wait for slices on this node.</summary>
    public WaitingGauge Waiting { get; } = new();

    /// <summary>How the sessions of this node stand, and how many have ended.</summary>
    public SessionCounts SessionCounts { get; } = new();

    /// <summary>What the queues of this node heard from their cells.</summary>
    public PlacementCounts PlacementCounts { get; } = new();

    /// <summary>What the twins of hosts on this node know.</summary>
    public HostBoard HostBoard { get; } = new();

    /// <summary>Sessions by their id.</summary>
    public IActorRef Sessions { get; set; } = ActorRefs.Nobody;

    /// <summary>Queues by pool.</summary>
    public IActorRef Queues { get; set; } = ActorRefs.Nobody;

    /// <summary>Cells by name (<see cref="CellsOf"/>).</summary>
    public IActorRef Cells { get; set; } = ActorRefs.Nobody;

    /// <summary>Host twins by the host's name.</summary>
    public IActorRef Hosts { get; set; } = ActorRefs.Nobody;

    /// <summary>The cells of a pool. One that is not this scheduler's has no hosts, and so one cell is enough.</summary>
    public PoolCells CellsOf(string pool) => new(pool, pool == Pool ? CellCount : 1);

    /// <summary>Another process has taken this node's name: nobody is served any more.</summary>
    internal void TakeOver(string reason) => _takenOver.TrySetResult(reason);

    /// <summary>Sends to the queue of <paramref name="pool"/>.</summary>
    public void TellQueue(string pool, object message, IActorRef sender) =>
        Queues.Tell(new ShardingEnvelope(pool, message), sender);

    /// <summary>Sends to a cell.</summary>
    public void TellCell(string cell, object message, IActorRef sender) =>
        Cells.Tell(new ShardingEnvelope(cell, message), sender);
}
