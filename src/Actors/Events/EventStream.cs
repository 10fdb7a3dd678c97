using System.Collections.Frozen;

namespace GpuActors.Actors;

/// <summary>
/// Publishes events to actors by type: a subscriber of a type also gets what derives from it. Local to one system.
/// </summary>
public sealed class EventStream
{
    private readonly Lock _writes = new();
    private volatile Subscription[] _subscriptions = [];
    private volatile FrozenDictionary<Type, IActorRef[]> _receivers = FrozenDictionary<Type, IActorRef[]>.Empty;

    /// <summary>Adds a subscription; false when it exists already.</summary>
    public bool Subscribe(IActorRef subscriber, Type channel)
    {
        lock (_writes)
        {
            var added = new Subscription(subscriber, channel);
            if (_subscriptions.Contains(added))
            {
                return false;
            }

            Replace([.. _subscriptions.Where(s => !IsDead(s.Subscriber)), added]);
            return true;
        }
    }

    /// <inheritdoc cref="Subscribe(IActorRef, Type)"/>
    public bool Subscribe<T>(IActorRef subscriber) => Subscribe(subscriber, typeof(T));

    /// <summary>Ends one subscription, or all of a subscriber's; false when there was none.</summary>
    public bool Unsubscribe(IActorRef subscriber, Type? channel = null)
    {
        lock (_writes)
        {
            var before = _subscriptions;
            Replace([.. before.Where(s =>
                !s.Subscriber.Equals(subscriber) || (channel is not null && s.Channel != channel))]);
            return _subscriptions.Length != before.Length;
        }
    }

    /// <inheritdoc cref="Unsubscribe(IActorRef, Type?)"/>
    public bool Unsubscribe<T>(IActorRef subscriber) => Unsubscribe(subscriber, typeof(T));

    /// <summary>Sends the event to whoever subscribed to its type or one that it derives from.</summary>
    public void Publish(object @event)
    {
        if (_subscriptions.Length == 0)
        {
            return;
        }

        foreach (var receiver in ReceiversOf(@event.GetType()))
        {
            if (IsDead(receiver))
            {
                Unsubscribe(receiver);
            }
            else
            {
                receiver.Tell(@event, ActorRefs.NoSender);
            }
        }
    }

    private static bool IsDead(IActorRef subscriber) => subscriber is InternalActorRef { IsTerminated: true };

    private IActorRef[] ReceiversOf(Type type)
    {
        if (_receivers.TryGetValue(type, out var known))
        {
            return known;
        }

        lock (_writes)
        {
            var receivers = _subscriptions.Where(s => s.Channel.IsAssignableFrom(type))
                .Select(s => s.Subscriber).Distinct().ToArray();
            _receivers = _receivers.Append(new(type, receivers)).DistinctBy(p => p.Key).ToFrozenDictionary();
            return receivers;
        }
    }

    private void Replace(Subscription[] subscriptions)
    {
        _subscriptions = subscriptions;
        _receivers = FrozenDictionary<Type, IActorRef[]>.Empty;
    }

    private sealed record Subscription(IActorRef Subscriber, Type Channel);
}
