using System.Buffers;
using GpuActors.Actors.Remoting.Wire;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Bytes to envelopes (<see cref="EnvelopeWriter"/>), for one connection, and envelopes to their actors.
/// </summary>
sealed class EnvelopeReader
{
    readonly RemoteNode _node;
    readonly Association _association;
    readonly Link _link;
    readonly InboundTable<Recipient> _recipients;
    readonly InboundTable<IActorRef> _senders;
    readonly InboundTable<Manifest> _manifests;

    public EnvelopeReader(RemoteNode node, Association association, Link link)
    {
        _node = node;
        _association = association;
        _link = link;
        _recipients = new(EnvelopeWriter.PathSlots, EnvelopeWriter.TextBytesMax, ResolveRecipient);
        _senders = new(EnvelopeWriter.PathSlots, EnvelopeWriter.TextBytesMax, ResolveSender);
        _manifests = new(EnvelopeWriter.ManifestSlots, EnvelopeWriter.TextBytesMax, text => new Manifest(text));
    }

    /// <summary>Delivers a frame's envelopes; false when the connection is closed and the rest must not be.</summary>
    /// <exception cref="WireFormatException">The frame is malformed.</exception>
    public bool ReadAll(ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame.Span);
        while (reader.Remaining > 0)
        {
            if (_link.IsClosed)
            {
                return false;
            }

            Read(ref reader, frame);
        }

        return true;
    }

    void Read(ref WireReader reader, ReadOnlyMemory<byte> frame)
    {
        var kind = (EnvelopeKind)reader.ReadByte();
        switch (kind)
        {
            case EnvelopeKind.Message:
                ReadMessage(ref reader, frame);
                break;
            case EnvelopeKind.Heartbeat:
                break;
            case EnvelopeKind.Watch:
                _association.Watches.ReceiveWatch(ReadText(ref reader));
                break;
            case EnvelopeKind.Unwatch:
                _association.Watches.ReceiveUnwatch(ReadText(ref reader));
                break;
            case EnvelopeKind.DeathNotice:
                _association.Watches.ReceiveNotice(ReadText(ref reader), existed: reader.ReadByte() != 0);
                break;
            case EnvelopeKind.Unreadable:
                ReportUnreadable(ReadText(ref reader));
                break;
            case EnvelopeKind.Goodbye:
                _association.ReceiveGoodbye(_link);
                break;
            default:
                throw new WireFormatException($"an envelope of unknown kind {(byte)kind}");
        }
    }

    static string ReadText(ref WireReader reader) => reader.ReadString(EnvelopeWriter.TextBytesMax);

    void ReadMessage(ref WireReader reader, ReadOnlyMemory<byte> frame)
    {
        var recipient = _recipients.Read(ref reader) ?? throw new WireFormatException("a message without recipient");
        var sender = _senders.Read(ref reader);
        var manifest = _manifests.Read(ref reader) ?? throw new WireFormatException("a message without manifest");
        var length = reader.ReadLength();
        var start = reader.Position;
        reader.ReadBytes(length);
        _association.CountReceived();
        if (TryDeserialize(manifest, new ReadOnlySequence<byte>(frame.Slice(start, length))) is { } message)
        {
            recipient.Tell(message, sender);
        }
    }

    /// <summary>Null when the message cannot be read; its sender's node is told, once for each type.</summary>
    object? TryDeserialize(Manifest manifest, in ReadOnlySequence<byte> payload)
    {
        try
        {
            var message = _node.System.Serialization.Deserialize(manifest.Name, payload);
            return message is SystemMessage ? throw new WireFormatException("not a message for actors") : message;
        }
        catch (Exception e)
        {
            _node.Log.Limited($"read {manifest.Name}").LogError(
                "A message from {RemoteAddress} is dropped: {Problem}", _association.RemoteAddress, e.Message);
            if (!manifest.IsReported)
            {
                manifest.IsReported = true;
                _association.SendControl(new OutboundEnvelope(EnvelopeKind.Unreadable, Text: Cut(e.Message)));
            }

            return null;
        }
    }

    void ReportUnreadable(string problem) => _node.Log.Limited($"unreadable {problem}").LogError(
        "{RemoteAddress} could not read a message from here: {Problem}", _association.RemoteAddress, problem);

    static string Cut(string text) => text.Length <= 500 ? text : text[..500];

    Recipient ResolveRecipient(string wirePath) =>
        new(_node.System.Provider, WirePath.Parse(wirePath, _node.System.Provider.LocalAddress));

    IActorRef ResolveSender(string wirePath)
    {
        if (wirePath.StartsWith('/'))
        {
            return new RemoteActorRef(_node, _association, wirePath);
        }

        return ActorPath.TryParse(wirePath, out var path)
            ? _node.System.Provider.ResolveActorRef(path)
            : throw new WireFormatException($"'{wirePath}' is not an actor's path");
    }

    /// <summary>A local actor by its path; found again when there may be another one under the name.</summary>
    sealed class Recipient(ActorRefProvider provider, ActorPath path)
    {
        InternalActorRef _actor = provider.Resolve(path);

        public void Tell(object message, IActorRef? sender)
        {
            if (path.Uid == 0 && _actor.IsTerminated)
            {
                _actor = provider.Resolve(path);
            }

            _actor.Tell(message, sender);
        }
    }

    sealed class Manifest(string name)
    {
        public string Name => name;

        public bool IsReported { get; set; }
    }
}
