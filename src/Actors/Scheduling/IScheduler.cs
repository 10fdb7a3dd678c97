namespace GpuActors.Actors;

/// <summary>Sends messages later, on the runtime's clock. Inside an actor prefer <see cref="IWithTimers"/>.</summary>
public interface IScheduler
{
    /// <summary>The clock's time, UTC.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Sends once after a delay.</summary>
    ICancelable ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender);

    /// <summary>Sends after <paramref name="initialDelay"/> and then every <paramref name="interval"/>.</summary>
    ICancelable ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message,
        IActorRef? sender);
}

/// <summary>Something that can be called off.</summary>
public interface ICancelable
{
    bool IsCancellationRequested { get; }

    void Cancel();
}
