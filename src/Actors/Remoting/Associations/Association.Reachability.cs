using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>Signs of life, and what happens without them.</summary>
sealed partial class Association
{
    static readonly TimeSpan StopPollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Called at every heartbeat.</summary>
    /// <param name="now">The timestamp now.</param>
    /// <param name="ownPause">How late this heartbeat is: time in which nothing could be received.</param>
    public void Tick(long now, TimeSpan ownPause)
    {
        if (CurrentLink is { IsClosed: false } link)
        {
            CheckLink(link, now, ownPause);
        }
        else if (!_isGivenUp)
        {
            CheckReachable(now);
        }
    }

    /// <summary>A dial has failed.</summary>
    public void DialFailed() => CheckReachable(_node.Time.GetTimestamp());

    /// <summary>The peer says that it leaves for good.</summary>
    public void ReceiveGoodbye(Link link)
    {
        TryCloseLink(link, "the peer has shut down");
        GiveUp("it has shut down");
        if (Outbox.Count > 0)
        {
            EnsureConnected(); // Sent in the meantime, perhaps for the next incarnation.
        }
    }

    /// <summary>Refuses an incarnation of the peer from now on and gives it up if it is the current one.</summary>
    public void Quarantine(ulong uid, string reason)
    {
        Link? link;
        lock (_gate)
        {
            if (_refusedUids.Contains(uid))
            {
                return;
            }

            Refuse(uid);
            link = _peerUid == uid ? _link : null;
        }

        _node.Log.Logger.LogWarning(
            "{RemoteAddress}, incarnation {Uid:x}, is quarantined: {Reason}", RemoteAddress, uid, reason);
        _node.Publish(new QuarantinedEvent(RemoteAddress, uid, reason));
        if (link is not null)
        {
            CloseLink(link, $"the peer is quarantined: {reason}");
        }

        if (Volatile.Read(ref _peerUid) == uid && !HasOpenLink)
        {
            GiveUp(reason);
        }
    }

    /// <summary>Frees the place in the registry, if nothing would be lost by it.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            var isIdle = _link is null && _dialler is null && Outbox.Count == 0 && !Watches.Any
                && (_isGivenUp || _withoutLinkSince is null);
            if (!isIdle)
            {
                return false;
            }

            _isStopped = true;
            Volatile.Write(ref _isRetired, true);
        }

        Outbox.Close();
        DropQueued(); // A message may have come between the look and the close.
        return true;
    }

    /// <summary>Sends what is queued, says good-bye and closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await ConnectedOrHopelessAsync(cancellationToken);
        if (Stop() is { IsClosed: false } link)
        {
            SendControl(new OutboundEnvelope(EnvelopeKind.Goodbye));
            Outbox.Close();
            await CompletedOrCancelledAsync(
                Task.WhenAny(_goodbyeSent.Task, link.ReaderStopped), cancellationToken);
            await EndOutputAsync(link);
            await CompletedOrCancelledAsync(link.ReaderStopped, cancellationToken);
            CloseLink(link, "this node has shut down");
        }

        Outbox.Close();
        DropQueued();
    }

    /// <summary>Hangs up without a word and dials no more.</summary>
    public void Abort()
    {
        var link = Stop();
        Outbox.Close();
        link?.TryClose("aborted");
    }

    /// <summary>Takes no connections any more; returns the last one.</summary>
    Link? Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _dialler?.Cancel();
            _dialler = null;
            return _link;
        }
    }

    /// <summary>Lets a dial that is under way for queued messages come to its end.</summary>
    async Task ConnectedOrHopelessAsync(CancellationToken cancellationToken)
    {
        while (!HasOpenLink && !_isGivenUp && Outbox.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(StopPollInterval, _node.Time, CancellationToken.None);
        }
    }

    /// <summary>Ends the sending direction; the peer reads to the end and hangs up.</summary>
    static async Task EndOutputAsync(Link link)
    {
        try
        {
            await link.Connection.Output.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection broke in the meantime: there is nothing to end.
        }
    }

    static async Task CompletedOrCancelledAsync(Task task, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => cancelled.TrySetResult());
        await Task.WhenAny(task, cancelled.Task);
    }

    void CheckLink(Link link, long now, TimeSpan ownPause)
    {
        var settings = _node.Settings;
        if (ownPause > settings.AcceptablePause / 2)
        {
            link.LastReceived = now; // This node slept; the peer gets as long again to be heard.
            return;
        }

        var silence = _node.Time.GetElapsedTime(link.LastReceived, now);
        if (silence > settings.AcceptablePause)
        {
            CloseLink(link, $"nothing was received for {silence.TotalSeconds:0.0} s");
        }
        else if (_node.Time.GetElapsedTime(link.LastSent, now) >= settings.HeartbeatInterval / 2
            && Outbox.Count == 0) // What waits to be written is as good a sign of life once it is.
        {
            SendControl(new OutboundEnvelope(EnvelopeKind.Heartbeat));
        }
    }

    void CheckReachable(long now)
    {
        long since;
        lock (_gate)
        {
            if (HasOpenLink || _withoutLinkSince is not { } start)
            {
                return;
            }

            since = start;
        }

        var elapsed = _node.Time.GetElapsedTime(since, now);
        if (_isGivenUp || elapsed >= _node.Settings.UnreachableTimeout)
        {
            GiveUp($"it could not be reached for {elapsed.TotalSeconds:0.0} s");
        }
    }

    /// <summary>The peer's current incarnation is not waited for any longer.</summary>
    void GiveUp(string reason)
    {
        bool isNews;
        ulong uid;
        lock (_gate)
        {
            if (HasOpenLink)
            {
                return; // It came back at the last moment.
            }

            isNews = !_isGivenUp;
            _isGivenUp = true;
            uid = _peerUid;
        }

        DropQueued();
        if (isNews)
        {
            LoseIncarnation(uid, reason);
            if (_node.Settings.QuarantineUnreachable && uid != 0)
            {
                Quarantine(uid, reason);
            }
        }
        else
        {
            Watches.GiveUp();
        }
    }

    void LoseIncarnation(ulong uid, string reason)
    {
        _node.Log.Logger.LogWarning("{RemoteAddress} is given up: {Reason}", RemoteAddress, reason);
        Watches.GiveUp();
        _node.Publish(new AddressTerminatedEvent(RemoteAddress, uid, reason));
    }

    void DropQueued()
    {
        foreach (var envelope in Outbox.TryDrain() ?? [])
        {
            if (envelope.Kind == EnvelopeKind.Message)
            {
                Drop(envelope.Message!, envelope.Sender, envelope.Recipient!);
            }
        }
    }

    void Refuse(ulong uid)
    {
        _refusedUids.Enqueue(uid);
        if (_refusedUids.Count > RememberedUids)
        {
            _refusedUids.Dequeue();
        }
    }
}
