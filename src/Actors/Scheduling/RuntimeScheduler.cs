namespace GpuActors.Actors;

/// <summary>The scheduler over the runtime's <see cref="TimeProvider"/>.</summary>
internal sealed class RuntimeScheduler(TimeProvider time) : IScheduler
{
    public DateTimeOffset Now => time.GetUtcNow();

    public ICancelable ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        new ScheduledTell(time, delay, Timeout.InfiniteTimeSpan, receiver, message, sender);

    public ICancelable ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver,
        object message, IActorRef? sender)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return new ScheduledTell(time, initialDelay, interval, receiver, message, sender);
    }

    private sealed class ScheduledTell : ICancelable
    {
        private readonly ICanTell _receiver;
        private readonly object _message;
        private readonly IActorRef? _sender;
        private readonly ITimer _timer;
        private volatile bool _isCancelled;

        public ScheduledTell(TimeProvider time, TimeSpan delay, TimeSpan interval, ICanTell receiver, object message,
            IActorRef? sender)
        {
            _receiver = receiver;
            _message = message;
            _sender = sender;
            _timer = time.CreateTimer(static self => ((ScheduledTell)self!).Send(), this, delay, interval);
        }

        public bool IsCancellationRequested => _isCancelled;

        public void Cancel()
        {
            _isCancelled = true;
            _timer.Dispose();
        }

        private void Send()
        {
            if (_isCancelled || _receiver is InternalActorRef { IsTerminated: true })
            {
                _timer?.Dispose();
                return;
            }

            _receiver.Tell(_message, _sender);
        }
    }
}
