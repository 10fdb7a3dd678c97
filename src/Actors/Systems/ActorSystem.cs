using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using GpuActors.Actors.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Actors;

/// <summary>A tree of actors with what they share: clock, scheduler, event stream, serialization, extensions.</summary>
public sealed class ActorSystem
{
    private readonly ConcurrentDictionary<Type, Lazy<IExtension>> _extensions = new();
    private readonly ConcurrentQueue<Action> _onTermination = new();
    private readonly TaskCompletionSource _terminated = new();
    private readonly ILoggerFactory _loggerFactory;
    private readonly long _started;
    private readonly ActorCell _user;
    private readonly ActorCell _system;
    private int _deadLettersLogged;

    private ActorSystem(string name, ActorSystemSetup setup)
    {
        Name = name;
        Settings = setup.Settings;
        Runtime = setup.Runtime ?? new ProductionRuntime();
        _loggerFactory = setup.LoggerFactory ?? NullLoggerFactory.Instance;
        _started = Runtime.Time.GetTimestamp();
        Log = GetLogger("GpuActors.Actors." + name);
        Provider = new ActorRefProvider(this);
        Dispatcher = new Dispatcher(this);
        Scheduler = new RuntimeScheduler(Runtime.Time);
        DeadLetters = new DeadLetterActorRef(this, ActorPath.Root(Provider.LocalAddress).Child("deadLetters"));
        Serialization = new Serialization.Serialization(this);
        var guardian = Props.Create(() => new Guardian(isRoot: false));
        Root = new ActorCell(this, null, Props.Create(() => new Guardian(isRoot: true)), "");
        _user = Root.CreateChild(guardian, "user");
        _system = Root.CreateChild(guardian, "system");
        Root.Start();
    }

    public string Name { get; }

    public ActorSystemSettings Settings { get; }

    /// <summary>Time, threads, randomness and network: the only way to them.</summary>
    public IActorRuntime Runtime { get; }

    public ILogger Log { get; }

    public ActorRefProvider Provider { get; }

    public IScheduler Scheduler { get; }

    public EventStream EventStream { get; } = new();

    public Serialization.Serialization Serialization { get; }

    /// <summary>Messages sent here are published as <see cref="DeadLetter"/>.</summary>
    public IActorRef DeadLetters { get; }

    /// <summary>Time since the system was made.</summary>
    public TimeSpan Uptime => Runtime.Time.GetElapsedTime(_started);

    /// <summary>Completes when all actors have stopped.</summary>
    public Task WhenTerminated => _terminated.Task;

    internal ActorCell Root { get; }

    internal Dispatcher Dispatcher { get; }

    internal ActorMetrics Metrics { get; } = new();

    /// <summary>Makes a system; it runs at once.</summary>
    /// <exception cref="ArgumentException">The name or a setting is malformed.</exception>
    public static ActorSystem Create(string name, ActorSystemSetup? setup = null)
    {
        if (!Address.IsValidSystemName(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a system's name; expected 1 to 64 ASCII letters, digits, - and _.", nameof(name));
        }

        setup ??= new ActorSystemSetup();
        setup.Settings.Validate();
        return new ActorSystem(name, setup);
    }

    /// <summary>Makes an actor below <c>/user</c>.</summary>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken.</exception>
    /// <exception cref="InvalidOperationException">The system is terminating.</exception>
    public IActorRef ActorOf(Props props, string? name = null) => _user.CreateChild(props, name);

    /// <summary>Makes an actor by its parameterless constructor.</summary>
    public IActorRef ActorOf<T>(string? name = null)
        where T : ActorBase, new() => ActorOf(Props.Create<T>(), name);

    /// <summary>Makes an actor below <c>/system</c>, which outlives those below <c>/user</c>.</summary>
    public IActorRef SystemActorOf(Props props, string? name = null) => _system.CreateChild(props, name);

    /// <summary>A path, absolute or with an address, to send to.</summary>
    public ActorSelection ActorSelection(string path) => new(this, _user, path);

    /// <summary>Stops a local actor after its current message.</summary>
    public void Stop(IActorRef actorRef)
    {
        switch (actorRef)
        {
            case ActorCell cell when cell.System == this:
                cell.StopByParent();
                break;
            default:
                throw new ArgumentException($"{actorRef} is not an actor of {Provider.LocalAddress}.", nameof(actorRef));
        }
    }

    /// <summary>Ends the system: the phases of <see cref="CoordinatedShutdown"/>, then all actors.</summary>
    public Task Terminate()
    {
        if (Settings.RunCoordinatedShutdownOnTerminate)
        {
            _ = CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        }
        else
        {
            StopAllActors();
        }

        return WhenTerminated;
    }

    /// <summary>Runs an action after all actors have stopped.</summary>
    public void RegisterOnTermination(Action action) => _onTermination.Enqueue(action);

    /// <summary>The extension, made now if it does not exist.</summary>
    public T RegisterExtension<T>(IExtensionId<T> id)
        where T : class, IExtension =>
        (T)_extensions.GetOrAdd(typeof(T), _ => new Lazy<IExtension>(() => id.CreateExtension(this))).Value;

    /// <summary>An extension that was registered.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public T GetExtension<T>()
        where T : class, IExtension => TryGetExtension<T>(out var extension)
        ? extension
        : throw new InvalidOperationException($"{Name} has no {typeof(T).Name}; register it first.");

    /// <summary>An extension, if it was registered.</summary>
    public bool TryGetExtension<T>([NotNullWhen(true)] out T? extension)
        where T : class, IExtension
    {
        extension = _extensions.TryGetValue(typeof(T), out var lazy) ? (T)lazy.Value : null;
        return extension is not null;
    }

    /// <summary>A logger for a part of the application.</summary>
    public ILogger GetLogger(string category) => _loggerFactory.CreateLogger(category);

    internal void RegisterRemoteProvider(IRemoteProvider remote) => Provider.RegisterRemote(remote);

    internal void StopAllActors() => _user.StopByParent();

    internal void PublishDeadLetter(object message, IActorRef? sender, IActorRef recipient)
    {
        if (message is IDeadLetterSuppression)
        {
            return;
        }

        Metrics.DeadLetter();
        if (message is DeadLetter letter)
        {
            EventStream.Publish(letter);
            return;
        }

        LogDeadLetter(message, sender, recipient);
        EventStream.Publish(new DeadLetter(message, sender, recipient));
    }

    internal void RootFailed(Exception cause) => Log.LogCritical(cause, "The root actor failed; the system ends");

    internal void RootStopped()
    {
        while (_onTermination.TryDequeue(out var action))
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                Log.LogError(e, "An action registered for termination failed");
            }
        }

        Runtime.Execute(new Completion(_terminated));
    }

    private void LogDeadLetter(object message, IActorRef? sender, IActorRef recipient)
    {
        if (Volatile.Read(ref _deadLettersLogged) >= Settings.LogDeadLetters)
        {
            return;
        }

        var number = Interlocked.Increment(ref _deadLettersLogged);
        if (number <= Settings.LogDeadLetters)
        {
            Log.LogInformation("Dead letter {Number}: {Type} from {Sender} to {Recipient}", number,
                message.GetType().Name, sender, recipient);
        }
    }

    private sealed class Completion(TaskCompletionSource source) : IThreadPoolWorkItem
    {
        public void Execute() => source.TrySetResult();
    }
}
