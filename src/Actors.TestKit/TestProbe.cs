using System.Collections.Concurrent;

namespace GpuActors.Actors.TestKit;

/// <summary>An actor that keeps what it receives until the test asks for it.</summary>
public sealed class TestProbe
{
    private readonly TestKit _kit;
    private readonly ConcurrentQueue<ReceivedMessage> _received = new();
    private Predicate<object> _ignore = static _ => false;

    internal TestProbe(TestKit kit, string? name)
    {
        _kit = kit;
        Ref = kit.Sys.SystemActorOf(Props.Create(() => new ProbeActor(this)), name);
        LastSender = kit.Sys.DeadLetters;
    }

    public IActorRef Ref { get; }

    /// <summary>Who sent the message that was expected last.</summary>
    public IActorRef LastSender { get; private set; }

    /// <summary>True when messages wait to be expected.</summary>
    public bool HasMessages => !_received.IsEmpty;

    /// <summary>Sends with this probe as the sender.</summary>
    public void Send(ICanTell receiver, object message) => receiver.Tell(message, Ref);

    /// <summary>Answers the message that was expected last.</summary>
    public void Reply(object message) => LastSender.Tell(message, Ref);

    /// <summary>The next message, which must be of type <typeparamref name="T"/>.</summary>
    /// <exception cref="TestKitException">None came in time, or another one did.</exception>
    public T ExpectMsg<T>(TimeSpan? timeout = null) => ExpectMsg<T>(static _ => true, timeout);

    /// <summary>The next message, which must equal <paramref name="expected"/>.</summary>
    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?)" path="/exception"/>
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null)
        where T : notnull
    {
        var message = Next($"{expected}", timeout);
        return message is T typed && typed.Equals(expected)
            ? typed
            : throw _kit.Failure($"Expected {expected} but {Ref} got {message} from {LastSender}.");
    }

    /// <summary>The next message, which must fulfil the predicate.</summary>
    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?)" path="/exception"/>
    public T ExpectMsg<T>(Predicate<T> predicate, TimeSpan? timeout = null)
    {
        var message = Next($"a {typeof(T).Name}", timeout);
        return message is T typed && predicate(typed)
            ? typed
            : throw _kit.Failure($"Expected a fitting {typeof(T).Name} but {Ref} got {message} from {LastSender}.");
    }

    /// <summary>Messages until one fulfils the predicate; the others are dropped.</summary>
    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?)" path="/exception"/>
    public T FishForMessage<T>(Predicate<T> predicate, TimeSpan? timeout = null)
    {
        var what = $"a fitting {typeof(T).Name}";
        var start = _kit.Runtime.Time.GetTimestamp();
        var limit = timeout ?? _kit.DefaultTimeout;
        while (true)
        {
            var rest = limit - _kit.Runtime.Time.GetElapsedTime(start);
            if (Next(what, rest < TimeSpan.Zero ? TimeSpan.Zero : rest) is T typed && predicate(typed))
            {
                return typed;
            }
        }
    }

    /// <summary>The next messages.</summary>
    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?)" path="/exception"/>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? timeout = null)
    {
        _kit.AwaitCondition(() => _received.Count >= count, $"{count} messages at {Ref}", timeout);
        return [.. Enumerable.Range(0, count).Select(_ => Next("a message", TimeSpan.Zero))];
    }

    /// <summary>The next message if one comes in time.</summary>
    public object? ReceiveOne(TimeSpan timeout) =>
        _kit.Driver.WaitUntil(() => HasMessages, timeout) ? Next("a message", timeout) : null;

    /// <summary>Lets time pass in which nothing may come: none but what is under way by default.</summary>
    /// <exception cref="TestKitException">Something came.</exception>
    public void ExpectNoMsg(TimeSpan? duration = null)
    {
        var time = duration ?? (_kit.Runtime is VirtualRuntime ? TimeSpan.Zero : TimeSpan.FromMilliseconds(100));
        if (_kit.Driver.WaitUntil(() => HasMessages, time))
        {
            throw _kit.Failure($"Expected no message but {Ref} got {Next("nothing", time)} from {LastSender}.");
        }
    }

    /// <summary>The next message, which must say that this actor has stopped.</summary>
    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?)" path="/exception"/>
    public Terminated ExpectTerminated(IActorRef actorRef, TimeSpan? timeout = null) =>
        ExpectMsg<Terminated>(terminated => terminated.ActorRef.Equals(actorRef), timeout);

    /// <summary>Drops messages that fulfil the predicate from now on.</summary>
    public void IgnoreMessages(Predicate<object> predicate) => _ignore = predicate;

    /// <summary>Lets the probe watch an actor.</summary>
    public IActorRef Watch(IActorRef actorRef)
    {
        Ref.Tell(new OnProbe(context => context.Watch(actorRef)), ActorRefs.NoSender);
        return actorRef;
    }

    public IActorRef Unwatch(IActorRef actorRef)
    {
        Ref.Tell(new OnProbe(context => context.Unwatch(actorRef)), ActorRefs.NoSender);
        return actorRef;
    }

    /// <summary>Makes an actor whose parent is the probe.</summary>
    public IActorRef ChildActorOf(Props props, string? name = null)
    {
        IActorRef? child = null;
        Ref.Tell(new OnProbe(context => child = context.ActorOf(props, name)), ActorRefs.NoSender);
        _kit.AwaitCondition(() => Volatile.Read(ref child) is not null, $"{Ref} to make a child");
        return child!;
    }

    private object Next(string what, TimeSpan? timeout)
    {
        var limit = timeout ?? _kit.DefaultTimeout;
        ReceivedMessage? received = null;
        if (!_kit.Driver.WaitUntil(() => _received.TryDequeue(out received), limit))
        {
            throw _kit.Failure($"Expected {what} at {Ref}, but nothing came within {limit}.");
        }

        LastSender = received!.Sender;
        return received.Message;
    }

    private sealed record ReceivedMessage(object Message, IActorRef Sender);

    private sealed record OnProbe(Action<IActorContext> Action);

    private sealed class ProbeActor(TestProbe probe) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is OnProbe request)
            {
                request.Action(Context);
            }
            else if (!probe._ignore(message))
            {
                probe._received.Enqueue(new ReceivedMessage(message, Sender));
            }

            probe._kit.Driver.Signal();
        }
    }
}
