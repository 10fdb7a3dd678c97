using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>
/// The entities of one shard: started on demand, passivated, and started again when they stop unexpectedly. All of them
/// write under the shard's token.
/// </summary>
internal sealed partial class Shard : UntypedActor, IWithTimers
{
    private readonly RegionSpec _spec;
    private readonly string _id;
    private readonly OwnershipToken? _token;
    private readonly TimeProvider _time;
    private readonly Quarantine? _quarantine;
    private readonly Dictionary<string, Entity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, Entity> _byRef = [];
    private readonly List<(object Message, IActorRef? Sender)> _returned = [];
    private bool _isHandingOff;

    public Shard(RegionSpec spec, string id, OwnershipToken? token)
    {
        _spec = spec;
        _id = id;
        _token = token;
        _time = Context.System.Runtime.Time;
        _quarantine = Context.System.TryGetExtension<PersistenceExtension>(out var persistence)
            ? persistence.Quarantine
            : null;
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private ClusterShardingSettings Settings => _spec.Settings;

    /// <summary>An id as an actor's name: everything that a name may not hold as <c>!XX</c>.</summary>
    public static string NameOf(string id) => Uri.EscapeDataString(id).Replace('%', '!');

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (_token is { } token)
        {
            OwnershipRegistry.Get(Context.System).Register(Cell, token);
        }

        if (Settings.PassivateIdleAfter is { } idle)
        {
            Timers.StartPeriodicTimer(nameof(PassivateIdle), PassivateIdle.Instance, idle / 2);
        }

        Remember(null);
    }

    /// <inheritdoc/>
    protected override void PostStop() => OwnershipRegistry.Get(Context.System).Unregister(Cell);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case Passivate passivate:
                OnPassivate(passivate);
                break;
            case HandOff handOff:
                OnHandOff(handOff);
                break;
            case GetShardState:
                Sender.Tell(new ShardState(_id, [.. _entities.Keys]), Self);
                break;
            case PassivateIdle:
                OnPassivateIdle();
                break;
            case HandOffTimedOut:
                OnHandOffTimedOut();
                break;
            case RememberedPage or RememberFailed or StartRemembered:
                OnRemembered(message);
                break;
            default:
                Deliver(message, Cell.SenderOrNull);
                break;
        }
    }

    private void Deliver(object message, IActorRef? sender)
    {
        if (_isHandingOff)
        {
            _returned.Add((message, sender));
            return;
        }

        var start = message as ShardRegion.StartEntity;
        if (EntityOf(start?.EntityId ?? _spec.Extractor.EntityId(message)!) is not { } entity)
        {
            Context.System.PublishDeadLetter(message, sender, Cell);
            return;
        }

        if (start is not null)
        {
            return;
        }

        if (entity.Stopping is null)
        {
            if (Settings.PassivateIdleAfter is not null)
            {
                entity.UsedAt = _time.GetTimestamp();
            }

            entity.Ref.Tell(_spec.Extractor.EntityMessage(message), sender);
        }
        else if (entity.Stopping.Count < Settings.BufferSize)
        {
            entity.Stopping.Enqueue((message, sender));
        }
        else
        {
            Context.System.PublishDeadLetter(message, sender, Cell);
        }
    }

    /// <summary>The entity, started if need be; null while it is in quarantine.</summary>
    private Entity? EntityOf(string id)
    {
        if (!_entities.TryGetValue(id, out var entity))
        {
            if (_quarantine?.RetryAfter(Self.Path / NameOf(id)) is { } pause && pause > TimeSpan.Zero)
            {
                StartLater(id, pause);
                return null;
            }

            _entities[id] = entity = new Entity(id) { UsedAt = _time.GetTimestamp() };
            entity.Ref = Context.ActorOf(_spec.EntityProps!(id), NameOf(id));
            _byRef[entity.Ref] = entity;
            Context.Watch(entity.Ref);
        }

        return entity;
    }

    private void OnPassivate(Passivate passivate)
    {
        if (_byRef.TryGetValue(Sender, out var entity))
        {
            Stop(entity, passivate.StopMessage);
        }
    }

    private void OnPassivateIdle()
    {
        var now = _time.GetTimestamp();
        foreach (var entity in _entities.Values)
        {
            if (_time.GetElapsedTime(entity.UsedAt, now) >= Settings.PassivateIdleAfter)
            {
                Stop(entity, _spec.HandOffStopMessage);
            }
        }
    }

    private static void Stop(Entity entity, object stopMessage)
    {
        if (entity.Stopping is null)
        {
            entity.Stopping = [];
            entity.Ref.Tell(stopMessage);
        }
    }

    private void OnTerminated(IActorRef dead)
    {
        if (!_byRef.Remove(dead, out var entity))
        {
            return;
        }

        _entities.Remove(entity.Id);
        if (_isHandingOff)
        {
            _returned.AddRange(entity.Stopping ?? []);
            FinishHandOff();
        }
        else if (entity.Stopping is null)
        {
            var quarantine = _quarantine?.RetryAfter(dead.Path) ?? TimeSpan.Zero;
            var pause = quarantine > Settings.EntityRestartPause ? quarantine : Settings.EntityRestartPause;
            Context.GetLogger().LogWarning(
                "Entity {Entity} stopped unexpectedly; it is started again after {Pause}.", entity.Id, pause);
            StartLater(entity.Id, pause);
        }
        else
        {
            foreach (var (message, sender) in entity.Stopping)
            {
                Deliver(message, sender);
            }
        }
    }

    private void StartLater(string id, TimeSpan pause) =>
        Timers.StartSingleTimer(id, new ShardRegion.StartEntity(id), pause);

    private void OnHandOff(HandOff handOff)
    {
        _isHandingOff = true;
        Timers.CancelAll();
        Timers.StartSingleTimer(nameof(HandOffTimedOut), HandOffTimedOut.Instance, Settings.HandOffTimeout);
        foreach (var entity in _entities.Values)
        {
            Stop(entity, handOff.StopMessage);
        }

        FinishHandOff();
    }

    private void OnHandOffTimedOut()
    {
        Context.GetLogger().LogWarning(
            "{Count} entities of shard {Shard} of {Type} have not stopped in time; it is handed over all the same.",
            _entities.Count, _id, _spec.TypeName);
        foreach (var entity in _entities.Values)
        {
            _returned.AddRange(entity.Stopping ?? []);
        }

        _entities.Clear();
        FinishHandOff();
    }

    private void FinishHandOff()
    {
        if (_entities.Count == 0)
        {
            Context.Parent.Tell(new ShardStopped(_id, [.. _returned]), Self);
            _returned.Clear();
            Context.Stop(Self);
        }
    }

    private sealed class Entity(string id)
    {
        public string Id => id;

        public IActorRef Ref { get; set; } = ActorRefs.Nobody;

        /// <summary>Messages kept while it is being stopped; null while it runs.</summary>
        public Queue<(object Message, IActorRef? Sender)>? Stopping { get; set; }

        /// <summary>When it last got a message.</summary>
        public long UsedAt { get; set; }
    }

    private sealed class PassivateIdle
    {
        public static PassivateIdle Instance { get; } = new();
    }

    private sealed class HandOffTimedOut
    {
        public static HandOffTimedOut Instance { get; } = new();
    }
}
