namespace GpuActors.Actors.Tests.Local;

/// <summary>An actor written inside its test.</summary>
internal sealed class Act : ReceiveActor, IWithStash, IWithTimers
{
    private readonly Action<Act> _configure;

    public Act(Action<Act> configure)
    {
        _configure = configure;
        _configure(this);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    public IActorContext Here => Context;

    public IActorRef From => Sender;

    public SupervisorStrategy? Strategy { get; set; }

    public Action? WhenStarting { get; set; }

    public Action? WhenStopped { get; set; }

    /// <summary>In place of the default, which stops the children and calls <c>PostStop</c>.</summary>
    public Action<Exception, object?>? WhenRestarting { get; set; }

    public Action<Exception>? WhenRestarted { get; set; }

    public static Props Of(Action<Act> configure) => Props.Create(() => new Act(configure));

    public void On<T>(Action<T> handler, Predicate<T>? when = null) => Receive(handler, when);

    public void OnAsync<T>(Func<T, Task> handler) => ReceiveAsync(handler);

    public void OnAny(Action<object> handler) => ReceiveAny(handler);

    public new void Become(Action configure) => base.Become(configure);

    public new void BecomeStacked(Action configure) => base.BecomeStacked(configure);

    public new void UnbecomeStacked() => base.UnbecomeStacked();

    public void RunAsync(Func<Task> work) => RunTask(work);

    protected override SupervisorStrategy SupervisorStrategy() => Strategy ?? base.SupervisorStrategy();

    protected override void PreStart() => WhenStarting?.Invoke();

    protected override void PostStop() => WhenStopped?.Invoke();

    protected override void PreRestart(Exception reason, object? message)
    {
        if (WhenRestarting is not null)
        {
            WhenRestarting(reason, message);
            return;
        }

        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        WhenRestarted?.Invoke(reason);
        base.PostRestart(reason);
    }
}
