using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Envelopes to bytes, for one connection:
/// <code>
///   message      1, recipient text, sender text, manifest text, payload length, payload
///   heartbeat    2
///   watch        3, path          unwatch  4, path
///   death notice 5, path, existed (1 byte)
///   unreadable   6, problem       goodbye  7
/// </code>
/// Texts of a message go through compression tables. A recipient's path is relative to the receiving node, a sender's
/// to the sending one unless it begins with a scheme. Lengths are varints.
/// </summary>
sealed class EnvelopeWriter(Address localAddress)
{
    /// <summary>Slots of each path table. Part of the protocol: both ends must agree.</summary>
    public const int PathSlots = 4096;

    /// <summary>Slots of the manifest table. Part of the protocol.</summary>
    public const int ManifestSlots = 1024;

    /// <summary>The longest path or manifest. Part of the protocol.</summary>
    public const int TextBytesMax = 4096;

    /// <summary>What a message's envelope takes at most besides its payload.</summary>
    public const int OverheadBytesMax = 16 * 1024;

    readonly OutboundTable<RemoteActorRef> _recipients = new(PathSlots);
    readonly OutboundTable<IActorRef> _senders = new(PathSlots);
    readonly OutboundTable<string> _manifests = new(ManifestSlots);

    public void Write(WireBuffer output, in OutboundEnvelope envelope)
    {
        output.WriteByte((byte)envelope.Kind);
        switch (envelope.Kind)
        {
            case EnvelopeKind.Message:
                WriteRecipient(output, envelope.Recipient!);
                WriteSender(output, envelope.Sender);
                WriteManifest(output, envelope.Text!);
                output.WriteVarUInt((uint)envelope.Payload.Count);
                output.WriteBytes(envelope.Payload);
                break;
            case EnvelopeKind.Watch or EnvelopeKind.Unwatch or EnvelopeKind.Unreadable:
                output.WriteString(envelope.Text!);
                break;
            case EnvelopeKind.DeathNotice:
                output.WriteString(envelope.Text!);
                output.WriteByte(envelope.Flag ? (byte)1 : (byte)0);
                break;
        }
    }

    void WriteRecipient(WireBuffer output, RemoteActorRef recipient)
    {
        if (recipient.IsTemporary)
        {
            WriteLiteral(output, recipient.WirePath);
        }
        else if (!_recipients.TryWrite(output, recipient))
        {
            _recipients.Define(output, recipient, recipient.WirePath);
        }
    }

    void WriteSender(WireBuffer output, IActorRef? sender)
    {
        if (sender is null)
        {
            output.WriteVarUInt(TextTag.None);
        }
        else if (!_senders.TryWrite(output, sender))
        {
            DefineSender(output, sender, sender.Path);
        }
    }

    void DefineSender(WireBuffer output, IActorRef sender, ActorPath path)
    {
        var text = WirePath.OfSender(path, localAddress);
        if (text.Length > TextBytesMax)
        {
            output.WriteVarUInt(TextTag.None); // Nobody could reply, but the message is worth more than its sender.
        }
        else if (WirePath.IsTemporary(path))
        {
            WriteLiteral(output, text);
        }
        else
        {
            _senders.Define(output, sender, text);
        }
    }

    void WriteManifest(WireBuffer output, string manifest)
    {
        if (!_manifests.TryWrite(output, manifest))
        {
            _manifests.Define(output, manifest, manifest);
        }
    }

    static void WriteLiteral(WireBuffer output, string text)
    {
        output.WriteVarUInt(TextTag.Literal);
        output.WriteString(text);
    }
}
