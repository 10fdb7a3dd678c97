using GpuActors.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.TestKit;

/// <summary>
/// Base of tests of actors: an actor system of its own, and expectations on what actors send to
/// <see cref="TestProbe.Ref"/>s. By default the system runs on a <see cref="VirtualRuntime"/>: nothing moves but inside
/// an expectation, and waiting takes no real time.
/// </summary>
public class TestKit : IDisposable
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(30);

    private readonly TestDriver _driver;

    /// <summary>On virtual time, with a seed.</summary>
    public TestKit(long seed = 1, ActorSystemSettings? settings = null)
        : this(new VirtualRuntime(seed), settings)
    {
    }

    /// <summary>On a runtime of the test's choice.</summary>
    public TestKit(IActorRuntime runtime, ActorSystemSettings? settings = null, string systemName = "test",
        ILoggerFactory? alsoLogTo = null)
    {
        Runtime = runtime;
        Logs = new TestLoggerFactory(alsoLogTo);
        _driver = runtime is VirtualRuntime simulation ? new VirtualDriver(simulation) : new RealTimeDriver(runtime);
        Sys = ActorSystem.Create(systemName, new ActorSystemSetup
        {
            Runtime = runtime,
            LoggerFactory = Logs,
            Settings = settings ?? new ActorSystemSettings(),
        });
        Probe = CreateTestProbe("testActor");
        EventFilter = new EventFilterFactory(this, Logs);
    }

    /// <summary>The system under test.</summary>
    public ActorSystem Sys { get; }

    public IActorRuntime Runtime { get; }

    /// <summary>The simulation.</summary>
    /// <exception cref="InvalidOperationException">The kit runs in real time.</exception>
    public VirtualRuntime Simulation => Runtime as VirtualRuntime
        ?? throw new InvalidOperationException("This test kit runs in real time.");

    /// <summary>The probe behind <see cref="TestActor"/>.</summary>
    public TestProbe Probe { get; }

    /// <summary>Where actors send what the test expects.</summary>
    public IActorRef TestActor => Probe.Ref;

    /// <summary>Who sent the message that was expected last.</summary>
    public IActorRef LastSender => Probe.LastSender;

    /// <summary>Expectations on log entries and dead letters.</summary>
    public EventFilterFactory EventFilter { get; }

    /// <summary>What was logged.</summary>
    public TestLoggerFactory Logs { get; }

    /// <summary>How long an expectation waits when it is given no time.</summary>
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal TestDriver Driver => _driver;

    public TestProbe CreateTestProbe(string? name = null) => new(this, name);

    public IActorRef ActorOf(Props props, string? name = null) => Sys.ActorOf(props, name);

    public IActorRef ActorOf<T>(Func<T> factory, string? name = null)
        where T : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(TimeSpan?)"/>
    public T ExpectMsg<T>(TimeSpan? timeout = null) => Probe.ExpectMsg<T>(timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(Predicate{T}, TimeSpan?)"/>
    public T ExpectMsg<T>(Predicate<T> predicate, TimeSpan? timeout = null) => Probe.ExpectMsg(predicate, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(T, TimeSpan?)"/>
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null)
        where T : notnull => Probe.ExpectMsg(expected, timeout);

    /// <inheritdoc cref="TestProbe.ExpectNoMsg"/>
    public void ExpectNoMsg(TimeSpan? duration = null) => Probe.ExpectNoMsg(duration);

    /// <inheritdoc cref="TestProbe.ExpectTerminated"/>
    public Terminated ExpectTerminated(IActorRef actorRef, TimeSpan? timeout = null) =>
        Probe.ExpectTerminated(actorRef, timeout);

    /// <inheritdoc cref="TestProbe.FishForMessage{T}"/>
    public T FishForMessage<T>(Predicate<T> predicate, TimeSpan? timeout = null) =>
        Probe.FishForMessage(predicate, timeout);

    /// <inheritdoc cref="TestProbe.ReceiveN"/>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? timeout = null) => Probe.ReceiveN(count, timeout);

    /// <inheritdoc cref="TestProbe.Watch"/>
    public IActorRef Watch(IActorRef actorRef) => Probe.Watch(actorRef);

    /// <inheritdoc cref="TestProbe.Unwatch"/>
    public IActorRef Unwatch(IActorRef actorRef) => Probe.Unwatch(actorRef);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="condition">What must become true.</param>
    /// <param name="description">What it means, for the error.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <exception cref="TestKitException">It did not hold in time.</exception>
    public void AwaitCondition(Func<bool> condition, string description, TimeSpan? timeout = null)
    {
        if (!_driver.WaitUntil(condition, timeout ?? DefaultTimeout))
        {
            throw Failure($"Waited {timeout ?? DefaultTimeout} in vain for: {description}.");
        }
    }

    /// <summary>Waits until an assertion stops throwing.</summary>
    /// <exception cref="TestKitException">It still threw at the end, with what it threw last.</exception>
    public void AwaitAssert(Action assertion, string description, TimeSpan? timeout = null)
    {
        Exception? last = null;
        var holds = _driver.WaitUntil(
            () =>
            {
                try
                {
                    assertion();
                    return true;
                }
                catch (Exception e)
                {
                    last = e;
                    return false;
                }
            },
            timeout ?? DefaultTimeout);
        if (!holds)
        {
            throw Failure($"Waited {timeout ?? DefaultTimeout} in vain for: {description}.", last);
        }
    }

    /// <summary>Waits for a task and returns its result, or throws its exception.</summary>
    public T Await<T>(Task<T> task, TimeSpan? timeout = null)
    {
        AwaitEnd(task, timeout);
#pragma warning disable VSTHRD002 // the task has completed, so this does not wait
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <inheritdoc cref="Await{T}(Task{T}, TimeSpan?)"/>
    public void Await(Task task, TimeSpan? timeout = null)
    {
        AwaitEnd(task, timeout);
#pragma warning disable VSTHRD002 // the task has completed, so this does not wait
        task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan by) => _driver.Pass(by);

    /// <summary>Ends the system.</summary>
    public void Shutdown() => Await(Sys.Terminate(), ShutdownLimit);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Shutdown();
        }
    }

    internal TestKitException Failure(string message, Exception? cause = null) =>
        new(message + _driver.Circumstances, cause);

    private void AwaitEnd(Task task, TimeSpan? timeout) =>
        AwaitCondition(() => task.IsCompleted, "the task to end", timeout);
}
