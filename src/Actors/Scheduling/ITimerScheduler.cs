namespace GpuActors.Actors;

/// <summary>An actor with timers of its own; the runtime sets the property before <c>PreStart</c>.</summary>
public interface IWithTimers
{
    ITimerScheduler Timers { get; set; }
}

/// <summary>
/// Timers of one actor, by key. Starting a timer replaces the one with the same key, whose message is then not seen
/// any more, not even if it is in the mailbox already. All end with a restart or stop of the actor.
/// </summary>
public interface ITimerScheduler
{
    /// <summary>Keys of the timers that run.</summary>
    IReadOnlyCollection<object> ActiveTimers { get; }

    /// <summary>Sends <paramref name="message"/> to the actor once after <paramref name="timeout"/>.</summary>
    void StartSingleTimer(object key, object message, TimeSpan timeout);

    /// <summary>
    /// Sends <paramref name="message"/> every <paramref name="interval"/>. A tick that the actor has not seen when the
    /// next is due takes its place, so a slow actor's mailbox does not fill with them.
    /// </summary>
    void StartPeriodicTimer(object key, object message, TimeSpan interval);

    /// <summary>As above, the first tick after <paramref name="initialDelay"/>.</summary>
    void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval);

    bool IsTimerActive(object key);

    void Cancel(object key);

    void CancelAll();
}
