using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Wire;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// All that connects this node with one peer: the queue of what is to be sent, the current connection, the death watch.
/// <para>
/// <b>One connection carries both directions</b>, whichever side opened it, so a node that cannot be dialled (behind
/// NAT) is a full peer as soon as it dials. Messages of both directions keep their order: a new connection's reader
/// starts only when the old one's has stopped, and the queue moves on to it as a whole.
/// </para>
/// <para>
/// <b>When both sides dial at once</b>, the dial of the node with the smaller address wins: while its own is in its
/// handshake, a node with the smaller address refuses the other's, and one with the greater accepts. A call that was
/// started before the current connection was made cannot replace it: each call names the newest connection that its
/// node knew of, and a confirmed one gives way only to a call that knows it, since such a caller has lost it.
/// </para>
/// <para>
/// <b>Dialling</b> goes on while something waits to be sent or is watched there. A peer that stays without a connection
/// for <see cref="RemoteSettings.UnreachableTimeout"/> is given up: watchers are told and the queue becomes dead
/// letters. It may come back.
/// </para>
/// </summary>
sealed partial class Association
{
    const int RememberedUids = 16;

    [ThreadStatic]
    static WireBuffer? t_buffer;

    readonly RemoteNode _node;
    readonly AssociationWriter _writer;
    readonly Lock _gate = new();
    readonly Queue<ulong> _refusedUids = new();
    readonly TaskCompletionSource _goodbyeSent = new();
    Link? _link;
    Dialler? _dialler;
    Task _lastReaderStopped = Task.CompletedTask;
    ulong _peerUid;
    ulong _lastSession;
    long? _withoutLinkSince;
    bool _isGivenUp;
    bool _isStopped;
    bool _isRetired;
    long _dropped;
    long _received;

    public Association(RemoteNode node, Address remoteAddress)
    {
        _node = node;
        RemoteAddress = remoteAddress;
        Outbox = new Outbox(node.Settings.SendQueueMessages, node.Settings.SendQueueBytes);
        Watches = new RemoteWatches(this);
        _writer = new AssociationWriter(this, node.Address, node.Settings.MaxFrameBytes);
    }

    public Address RemoteAddress { get; }

    public ActorSystem System => _node.System;

    public Outbox Outbox { get; }

    public RemoteWatches Watches { get; }

    public Link? CurrentLink => Volatile.Read(ref _link);

    public bool HasOpenLink => CurrentLink is { IsClosed: false };

    /// <summary>True once the registry has dropped this association; refs must ask it for a new one.</summary>
    public bool IsRetired => Volatile.Read(ref _isRetired);

    /// <summary>The newest connection that this node knows of, for the next handshake.</summary>
    public ulong LastSession => Volatile.Read(ref _lastSession);

    public AssociationStatus Status => new(
        RemoteAddress, Volatile.Read(ref _peerUid), HasOpenLink, Outbox.Count, Outbox.Bytes,
        Interlocked.Read(ref _dropped), Interlocked.Read(ref _received));

    /// <summary>Serializes and queues a message; never waits, never throws.</summary>
    public void Send(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        var buffer = t_buffer ??= new WireBuffer(0);
        buffer.Clear(_node.Settings.MaxFrameBytes - EnvelopeWriter.OverheadBytesMax);
        string manifest;
        try
        {
            manifest = System.Serialization.Serialize(message, buffer);
        }
        catch (Exception e)
        {
            _node.Log.Limited($"serialize {message.GetType()}").LogError(
                "{Type} to {Recipient} is not sent: {Problem}", message.GetType(), recipient, e.Message);
            Drop(message, sender, recipient);
            return;
        }

        var envelope = new OutboundEnvelope(EnvelopeKind.Message, recipient, sender, message, manifest);
        Add(envelope, buffer.WrittenSpan);
    }

    /// <summary>Queues an envelope of the protocol itself.</summary>
    public void SendControl(in OutboundEnvelope envelope) => Add(envelope, default);

    /// <summary>Dials, unless there is a connection or a dial under way.</summary>
    public void EnsureConnected()
    {
        if (Volatile.Read(ref _dialler) is not null || HasOpenLink)
        {
            return;
        }

        Dialler dialler;
        lock (_gate)
        {
            if (_isStopped || _dialler is not null || HasOpenLink)
            {
                return;
            }

            _dialler = dialler = new Dialler(_node, this);
            _withoutLinkSince ??= _node.Time.GetTimestamp();
        }

        dialler.Start();
    }

    /// <summary>The writer has handed bytes to the connection.</summary>
    public void Sent(Link link) => link.LastSent = _node.Time.GetTimestamp();

    public void CountReceived() => Interlocked.Increment(ref _received);

    public void PressureEnded() => _node.Publish(new SendQueuePressureEvent(RemoteAddress, IsHigh: false));

    public void GoodbyeSent() => _goodbyeSent.TrySetResult();

    void Add(in OutboundEnvelope envelope, ReadOnlySpan<byte> payload)
    {
        var result = Outbox.Add(envelope, payload, out var pressureBegan);
        switch (result)
        {
            case OutboxResult.WakeWriter:
                System.Runtime.Execute(_writer);
                break;
            case OutboxResult.NeedsLink:
                EnsureConnected();
                break;
            case OutboxResult.Full or OutboxResult.Closed when envelope.Kind == EnvelopeKind.Message:
                Drop(envelope.Message!, envelope.Sender, envelope.Recipient!);
                break;
        }

        if (pressureBegan)
        {
            _node.Publish(new SendQueuePressureEvent(RemoteAddress, IsHigh: true));
        }
    }

    void Drop(object message, IActorRef? sender, RemoteActorRef recipient)
    {
        Interlocked.Increment(ref _dropped);
        if (message is not DeadLetter) // Whoever forwards dead letters to a lost peer must not be answered with more.
        {
            System.PublishDeadLetter(message, sender, recipient);
        }
    }
}
