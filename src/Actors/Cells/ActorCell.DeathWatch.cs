namespace GpuActors.Actors;

/// <summary>In the mailbox of a watcher: behind everything that the dead actor sent it.</summary>
internal sealed record DeathNotice(DeathWatchNotification Death, object? CustomMessage) : IAutoReceivedMessage;

internal sealed partial class ActorCell
{
    public IActorRef Watch(IActorRef subject) => WatchWith(subject, null);

    public IActorRef WatchWith(IActorRef subject, object? message)
    {
        AssertOnTurn();
        var watchee = From(subject);
        if (watchee.Equals(this) || _extras?.Notified?.Contains(watchee) == true)
        {
            return subject;
        }

        var watching = Extras.Watching ??= [];
        if (!watching.TryAdd(watchee, message))
        {
            return Equals(watching[watchee], message) ? subject : throw new InvalidOperationException(
                $"{Path} watches {subject} already, with another message; call Unwatch first.");
        }

        watchee.SendSystemMessage(new Watch(watchee, this));
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        AssertOnTurn();
        if (_extras?.Watching?.Remove(subject) == true)
        {
            From(subject).SendSystemMessage(new Unwatch(subject, this));
        }

        _extras?.Notified?.Remove(subject);
        return subject;
    }

    private void AddWatcher(Watch watch)
    {
        if (ReferenceEquals(watch.Watchee, this))
        {
            (Extras.WatchedBy ??= []).Add(watch.Watcher);
        }
    }

    private void RemoveWatcher(Unwatch unwatch) => _extras?.WatchedBy?.Remove(unwatch.Watcher);

    private void ReceiveDeath(DeathWatchNotification death)
    {
        if (_extras?.Watching?.Remove(death.Actor, out var customMessage) == true)
        {
            (_extras.Notified ??= []).Add(death.Actor);
            Enqueue(new Envelope(new DeathNotice(death, customMessage), death.Actor));
        }
    }

    private void ReceiveDeathNotice(DeathNotice notice)
    {
        var dead = notice.Death.Actor;
        if (_extras?.Notified?.Remove(dead) != true)
        {
            return; // unwatched meanwhile
        }

        ReceiveInstead(notice.CustomMessage
            ?? new Terminated(dead, notice.Death.ExistenceConfirmed, notice.Death.AddressTerminated));
    }

    /// <summary>Lets the actor see <paramref name="message"/> in place of the notice that carried it.</summary>
    private void ReceiveInstead(object message)
    {
        _current = new Envelope(message, _current!.Sender);
        if (!_actor!.AroundReceive(message))
        {
            _actor.ReceiveUnhandled(message);
        }
    }

    /// <summary>Tells the watchers, and takes back the own watches.</summary>
    private void EndDeathWatch()
    {
        if (_extras?.WatchedBy is { } watchers)
        {
            var death = new DeathWatchNotification(this, ExistenceConfirmed: true, AddressTerminated: false);
            foreach (var watcher in watchers)
            {
                From(watcher).SendSystemMessage(death);
            }

            _extras.WatchedBy = null;
        }

        if (_extras?.Watching is { } watching)
        {
            foreach (var watchee in watching.Keys)
            {
                From(watchee).SendSystemMessage(new Unwatch(watchee, this));
            }

            _extras.Watching = null;
        }
    }
}
