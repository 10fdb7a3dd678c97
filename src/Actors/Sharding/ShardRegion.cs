using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Sharding;

/// <summary>
/// Starts entities on demand and brings them their messages. An entity that stops although it did not ask to be
/// passivated (its journal could not be written, for example) is started again after a pause, so that what it still
/// had to do goes on.
/// </summary>
public sealed class ShardRegion : ReceiveActor, IWithTimers
{
    private const int BufferLimit = 1000;
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    private readonly Func<string, Props> _entityProps;
    private readonly IMessageExtractor _extractor;
    private readonly Dictionary<string, Entity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, Entity> _byRef = [];

    /// <summary>A region whose entities are made by <paramref name="entityProps"/> from their id.</summary>
    public ShardRegion(Func<string, Props> entityProps, IMessageExtractor extractor)
    {
        _entityProps = entityProps;
        _extractor = extractor;
        Receive<StartEntity>(start => Find(start.EntityId));
        Receive<Passivate>(OnPassivate);
        Receive<Terminated>(OnTerminated);
        ReceiveAny(Deliver);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private void Deliver(object message)
    {
        if (_extractor.EntityId(message) is not { } id)
        {
            Unhandled(message);
            return;
        }

        var entity = Find(id);
        var content = _extractor.EntityMessage(message);
        if (entity.Stopping is null)
        {
            entity.Ref.Forward(content);
        }
        else if (entity.Stopping.Count < BufferLimit)
        {
            entity.Stopping.Enqueue((content, Sender));
        }
        else
        {
            Context.System.DeadLetters.Tell(content, Sender);
        }
    }

    private Entity Find(string id)
    {
        if (!_entities.TryGetValue(id, out var entity))
        {
            _entities[id] = entity = new Entity(id);
            Start(entity);
        }

        return entity;
    }

    private void Start(Entity entity)
    {
        entity.Ref = Context.ActorOf(_entityProps(entity.Id), NameOf(entity.Id));
        _byRef[entity.Ref] = entity;
        Context.Watch(entity.Ref);
    }

    /// <summary>The id with everything that an actor's name may not hold as <c>!XX</c>.</summary>
    private static string NameOf(string id) => Uri.EscapeDataString(id).Replace('%', '!');

    private void OnPassivate(Passivate passivate)
    {
        if (_byRef.TryGetValue(Sender, out var entity) && entity.Stopping is null)
        {
            entity.Stopping = [];
            entity.Ref.Tell(passivate.StopMessage);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        if (!_byRef.Remove(terminated.ActorRef, out var entity))
        {
            return;
        }

        _entities.Remove(entity.Id);
        if (entity.Stopping is null)
        {
            Context.GetLogger().LogWarning("Entity {Entity} stopped unexpectedly; it is started again.", entity.Id);
            Timers.StartSingleTimer(entity.Id, new StartEntity(entity.Id), RestartPause);
        }
        else if (entity.Stopping.Count > 0)
        {
            var again = Find(entity.Id);
            foreach (var (message, sender) in entity.Stopping)
            {
                again.Ref.Tell(message, sender);
            }
        }
    }

    /// <summary>Starts an entity that nobody has a message for: one that has something to do after a crash.</summary>
    public sealed record StartEntity(string EntityId);

    private sealed class Entity(string id)
    {
        public string Id { get; } = id;

        public IActorRef Ref { get; set; } = ActorRefs.Nobody;

        /// <summary>Messages kept while it is being passivated; null while it runs.</summary>
        public Queue<(object Message, IActorRef Sender)>? Stopping { get; set; }
    }
}
