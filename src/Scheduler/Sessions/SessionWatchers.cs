using GpuActors.Actors;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Sessions;

/// <summary>
/// Who watches a session: those who wait for its end, and those who get every event. The last events are kept, so
/// that a watcher who lost its connection misses nothing that is recent. An event's sequence is made of its time,
/// so sequences grow also over a restart of the scheduler, and a durable event has the same one after it.
/// </summary>
public sealed class SessionWatchers(int eventBuffer, int maxWatchers)
{
    private const int CountBits = 10;

    private readonly Queue<JobEvent> _recent = new();
    private readonly List<IActorRef> _awaiting = [];
    private readonly List<IActorRef> _subscribers = [];

    /// <summary>The sequence of the newest event; 0 before the first.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Nobody watches.</summary>
    public bool None => _awaiting.Count == 0 && _subscribers.Count == 0;

    /// <summary>Tells <paramref name="waiter"/> when the session ends; false if too many watch.</summary>
    public bool Await(IActorRef waiter) => AddTo(_awaiting, waiter);

    /// <summary>Sends recent events behind <paramref name="after"/> and all later ones; false if too many watch.</summary>
    public bool Subscribe(IActorRef subscriber, long after)
    {
        if (!AddTo(_subscribers, subscriber))
        {
            return false;
        }

        foreach (var happened in _recent.Where(e => e.Sequence > after))
        {
            subscriber.Tell(happened);
        }

        return true;
    }

    /// <summary>The subscriber is gone.</summary>
    public void Remove(IActorRef watcher) => _subscribers.Remove(watcher);

    /// <summary>Sends <paramref name="happened"/> to all subscribers and keeps it.</summary>
    public void Publish(JobEvent happened)
    {
        LastSequence = Math.Max(LastSequence + 1, happened.At.ToUnixTimeMilliseconds() << CountBits);
        var numbered = happened with { Sequence = LastSequence };
        _recent.Enqueue(numbered);
        if (_recent.Count > eventBuffer)
        {
            _recent.Dequeue();
        }

        foreach (var subscriber in _subscribers)
        {
            subscriber.Tell(numbered);
        }
    }

    /// <summary>Answers all who wait for the end.</summary>
    public void Ended(JobStatus status)
    {
        foreach (var waiter in _awaiting)
        {
            waiter.Tell(status);
        }

        _awaiting.Clear();
    }

    /// <summary>Who waits may have given up long ago; the newest are most likely still there.</summary>
    private bool AddTo(List<IActorRef> watchers, IActorRef watcher)
    {
        if (watchers.Count >= maxWatchers)
        {
            watchers.RemoveAt(0);
        }

        watchers.Add(watcher);
        return true;
    }
}
