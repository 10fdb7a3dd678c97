using GpuActors.Actors.Remoting.Handshakes;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>How connections come and go.</summary>
sealed partial class Association
{
    /// <summary>Whether a dial is still wanted; when not, it is over.</summary>
    public bool WantsDial(Dialler dialler)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_dialler, dialler))
            {
                return false;
            }

            // First gone, then looked: whoever adds to the queue looks for a dialler after it has added.
            Volatile.Write(ref _dialler, null);
            if (_isStopped || (Outbox.Count == 0 && !Watches.Any))
            {
                return false;
            }

            _dialler = dialler;
            return true;
        }
    }

    /// <summary>Takes a connection that was dialled; false when it is no longer wanted.</summary>
    public bool TryAdopt(Dialler dialler, Link link)
    {
        Adoption adoption;
        lock (_gate)
        {
            if (_isStopped || !ReferenceEquals(_dialler, dialler) || _refusedUids.Contains(link.Session.RemoteUid))
            {
                return false;
            }

            adoption = Adopt(link);
        }

        Complete(adoption);
        return true;
    }

    /// <summary>Takes a connection on which the peer has called; otherwise says why not.</summary>
    public RefusalReason? TryAccept(Link link, ulong lastSession)
    {
        Adoption adoption;
        lock (_gate)
        {
            if (ReasonToRefuse(link.Session, lastSession) is { } reason)
            {
                return reason;
            }

            adoption = Adopt(link);
        }

        Complete(adoption);
        return null;
    }

    /// <summary>Closes a connection of this association and does what its end calls for.</summary>
    public void CloseLink(Link link, string reason)
    {
        if (TryCloseLink(link, reason) && (Outbox.Count > 0 || Watches.Any))
        {
            EnsureConnected();
        }
    }

    bool TryCloseLink(Link link, string reason)
    {
        if (!link.TryClose(reason))
        {
            return false;
        }

        lock (_gate)
        {
            if (ReferenceEquals(_link, link))
            {
                Volatile.Write(ref _link, null);
                _withoutLinkSince = _node.Time.GetTimestamp();
                Outbox.Park(byWriter: false);
            }
        }

        _node.Log.Limited($"lost {RemoteAddress}").LogInformation(
            "The connection to {RemoteAddress} is closed: {Reason}", RemoteAddress, reason);
        _node.Publish(new DisassociatedEvent(RemoteAddress, reason));
        return true;
    }

    RefusalReason? ReasonToRefuse(Session session, ulong lastSession)
    {
        if (_isStopped)
        {
            return RefusalReason.ShuttingDown;
        }

        if (_refusedUids.Contains(session.RemoteUid))
        {
            return RefusalReason.Quarantined;
        }

        if (_link is { IsClosed: false, IsConfirmed: true } current
            && current.Session.RemoteUid == session.RemoteUid
            && current.Session.Id != lastSession)
        {
            return RefusalReason.AlreadyConnected;
        }

        return _dialler is { IsInHandshake: true } && _node.Address < RemoteAddress
            ? RefusalReason.SimultaneousOpen
            : null;
    }

    Adoption Adopt(Link link)
    {
        var replaced = _link;
        var oldUid = _peerUid;
        var lostUid = oldUid == link.Session.RemoteUid || _isGivenUp ? 0 : oldUid;
        var previousReader = _lastReaderStopped;
        _dialler?.Cancel();
        _dialler = null;
        Volatile.Write(ref _link, link);
        _lastReaderStopped = link.ReaderStopped;
        _peerUid = link.Session.RemoteUid;
        Volatile.Write(ref _lastSession, link.Session.Id);
        _withoutLinkSince = null;
        _isGivenUp = false;
        if (oldUid != 0 && oldUid != _peerUid)
        {
            Refuse(oldUid);
        }

        return new Adoption(link, replaced, lostUid, previousReader, StartWriter: Outbox.Unpark());
    }

    /// <summary>What adopting a connection calls for outside the lock.</summary>
    void Complete(Adoption adoption)
    {
        adoption.Replaced?.TryClose("a newer connection of the same peer replaces it");
        if (adoption.LostUid != 0)
        {
            LoseIncarnation(adoption.LostUid, "it was restarted");
        }

        _node.Log.Limited($"associated {RemoteAddress}").LogInformation(
            "Connected with {RemoteAddress}, incarnation {Uid:x}", RemoteAddress, adoption.Link.Session.RemoteUid);
        _node.Publish(new AssociatedEvent(RemoteAddress, adoption.Link.Session.RemoteUid));
        Watches.SendAll();
        if (adoption.Link.Welcome is null)
        {
            SendControl(new OutboundEnvelope(EnvelopeKind.Heartbeat)); // Confirms the connection to the dialled node.
        }

        if (adoption.StartWriter)
        {
            System.Runtime.Execute(_writer);
        }

        new LinkReader(_node, this, adoption.Link).Start(adoption.PreviousReader);
    }

    sealed record Adoption(Link Link, Link? Replaced, ulong LostUid, Task PreviousReader, bool StartWriter);
}
