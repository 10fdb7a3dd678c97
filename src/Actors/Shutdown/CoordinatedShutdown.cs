using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

/// <summary>
/// Ends a node in order: fixed phases one after the other, the tasks of a phase side by side. A phase that fails or
/// exceeds its time is logged and the next begins, so that a hanging task cannot keep a node alive. Runs once.
/// </summary>
public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongTimeout = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly ShutdownPhase[] _phases;
    private readonly FrozenDictionary<string, ShutdownPhase> _byName;
    private readonly TaskCompletionSource<Done> _completion = new();
    private Reason? _reason;

    private CoordinatedShutdown(ActorSystem system)
    {
        _system = system;
        _phases =
        [
            Phase(PhaseBeforeServiceUnbind, DefaultTimeout),
            Phase(PhaseServiceUnbind, DefaultTimeout),
            Phase(PhaseServiceRequestsDone, DefaultTimeout),
            Phase(PhaseServiceStop, DefaultTimeout),
            Phase(PhaseBeforeClusterShutdown, DefaultTimeout),
            Phase(PhaseClusterShardingShutdownRegion, LongTimeout),
            Phase(PhaseClusterLeave, DefaultTimeout),
            Phase(PhaseClusterExiting, LongTimeout),
            Phase(PhaseClusterExitingDone, DefaultTimeout),
            Phase(PhaseClusterShutdown, DefaultTimeout),
            Phase(PhaseBeforeActorSystemTerminate, DefaultTimeout),
            Phase(PhaseActorSystemTerminate, LongTimeout),
        ];
        _byName = _phases.ToFrozenDictionary(p => p.Name);
        AddTask(PhaseActorSystemTerminate, "terminate-system", () =>
        {
            system.StopAllActors();
            return system.WhenTerminated;
        });
    }

    /// <summary>Why the shutdown runs; null while it does not.</summary>
    public Reason? ShutdownReason => Volatile.Read(ref _reason);

    /// <summary>Completes when all phases are over.</summary>
    public Task<Done> WhenDone => _completion.Task;

    public static CoordinatedShutdown Get(ActorSystem system) => system.RegisterExtension(Id.Instance);

    /// <summary>Adds something to do in a phase.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    /// <exception cref="InvalidOperationException">The shutdown runs already.</exception>
    public void AddTask(string phase, string name, Func<Task> work)
    {
        if (ShutdownReason is not null)
        {
            throw new InvalidOperationException($"The shutdown runs already; '{name}' comes too late for '{phase}'.");
        }

        Find(phase).Add(name, work);
    }

    /// <inheritdoc cref="AddTask(string, string, Func{Task})"/>
    public void AddTask(string phase, string name, Func<Task<Done>> work) => AddTask(phase, name, (Func<Task>)work);

    /// <summary>The time that a phase may take.</summary>
    public TimeSpan Timeout(string phase) => Find(phase).Timeout;

    /// <summary>Runs the phases, from <paramref name="fromPhase"/> on if given. Further calls join the first run.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        var first = fromPhase is null ? 0 : Array.IndexOf(_phases, Find(fromPhase));
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _system.Log.LogInformation("Shutdown of {System} begins: {Reason}", _system.Name, reason);
            _system.Runtime.Execute(new Start(this, first));
        }

        return WhenDone;
    }

    /// <summary>
    /// Runs the shutdown on SIGTERM and SIGINT. Explicit, since .NET 10 raises <c>ProcessExit</c> on neither. The
    /// process does not end by the signal; its main method should await <see cref="WhenDone"/>. A second signal ends
    /// it at once.
    /// </summary>
    public void RunOnTerminationSignals()
    {
        PosixSignalRegistration[] registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        ];
        _system.RegisterOnTermination(() => Array.ForEach(registrations, r => r.Dispose()));
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (ShutdownReason is null)
        {
            context.Cancel = true;
            _ = Run(new SignalReason(context.Signal));
        }
    }

    private ShutdownPhase Phase(string name, TimeSpan timeout) =>
        new(name, _system.Settings.ShutdownPhaseTimeouts.GetValueOrDefault(name, timeout));

    private ShutdownPhase Find(string phase) => _byName.TryGetValue(phase, out var found)
        ? found
        : throw new ArgumentException(
            $"There is no phase '{phase}'; the phases are {string.Join(", ", _phases.Select(p => p.Name))}.",
            nameof(phase));

    private async Task RunPhasesAsync(int first)
    {
        foreach (var phase in _phases.AsMemory(first).ToArray())
        {
            await RunPhaseAsync(phase);
        }

        _completion.TrySetResult(Done.Instance);
    }

    private async Task RunPhaseAsync(ShutdownPhase phase)
    {
        var tasks = phase.Tasks();
        var running = tasks.Select(t => RunTaskAsync(phase, t.Name, t.Work)).ToArray();
        try
        {
            await Task.WhenAll(running).WaitAsync(phase.Timeout, _system.Runtime.Time);
        }
        catch (TimeoutException)
        {
            var late = tasks.Where((_, i) => !running[i].IsCompleted).Select(t => t.Name);
            _system.Log.LogWarning("Shutdown phase {Phase} exceeded {Timeout}; unfinished: {Tasks}", phase.Name,
                phase.Timeout, string.Join(", ", late));
        }
    }

    private async Task RunTaskAsync(ShutdownPhase phase, string name, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            _system.Log.LogError(e, "Shutdown task {Task} of phase {Phase} failed", name, phase.Name);
        }
    }

    /// <summary>Why a system shuts down.</summary>
    public abstract record Reason;

    /// <summary><see cref="ActorSystem.Terminate"/> was called.</summary>
    public sealed record ActorSystemTerminateReason : Reason
    {
        public static ActorSystemTerminateReason Instance { get; } = new();
    }

    /// <summary>The operating system asked the process to end.</summary>
    public sealed record SignalReason(PosixSignal Signal) : Reason;

    private sealed class Start(CoordinatedShutdown shutdown, int first) : IThreadPoolWorkItem
    {
        public void Execute() => _ = shutdown.RunPhasesAsync(first);
    }

    private sealed class Id : IExtensionId<CoordinatedShutdown>
    {
        public static readonly Id Instance = new();

        public CoordinatedShutdown CreateExtension(ActorSystem system) => new(system);
    }
}
