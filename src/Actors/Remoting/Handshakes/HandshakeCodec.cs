using System.Diagnostics.CodeAnalysis;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>
/// Bodies of handshake frames: a type byte and the fields in the order of their records; numbers little-endian, texts
/// as a varint length and UTF-8. <see cref="Hello"/> begins with the protocol's magic and version instead, so that
/// whatever else speaks to the port is known by its first bytes.
/// </summary>
static class HandshakeCodec
{
    public const byte Version = 1;
    public const int NonceBytes = 32;
    public const int MacBytes = 32;

    /// <summary>The longest handshake frame; two addresses are most of it.</summary>
    public const int FrameBytesMax = 1024;

    const int AddressBytesMax = 400;
    const byte ChallengeType = 2;
    const byte ProofType = 3;
    const byte WelcomeType = 4;
    const byte RefusalType = 5;

    static ReadOnlySpan<byte> Magic => "GPAR"u8;

    public static byte[] Encode(object message)
    {
        var buffer = new WireBuffer(FrameBytesMax);
        switch (message)
        {
            case Hello hello:
                buffer.WriteBytes(Magic);
                buffer.WriteByte(hello.Version);
                buffer.WriteByte((byte)hello.Protection);
                buffer.WriteBytes(hello.Nonce);
                buffer.WriteUInt64(hello.Uid);
                buffer.WriteUInt64(hello.LastSession);
                buffer.WriteString(hello.Address);
                buffer.WriteString(hello.DialledAddress);
                break;
            case Challenge challenge:
                buffer.WriteByte(ChallengeType);
                buffer.WriteBytes(challenge.Nonce);
                buffer.WriteUInt64(challenge.Uid);
                buffer.WriteString(challenge.Address);
                break;
            case Proof proof:
                buffer.WriteByte(ProofType);
                buffer.WriteBytes(proof.Mac);
                break;
            case Welcome welcome:
                buffer.WriteByte(WelcomeType);
                buffer.WriteBytes(welcome.Mac);
                break;
            case Refusal refusal:
                buffer.WriteByte(RefusalType);
                buffer.WriteByte((byte)refusal.Reason);
                buffer.WriteBytes(refusal.Mac);
                break;
            default:
                throw new ArgumentException($"{message.GetType()} is no handshake message", nameof(message));
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the first frame of a connection.</summary>
    /// <exception cref="WireFormatException">It is not this protocol's, or not whole.</exception>
    public static Hello DecodeHello(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        if (body.Length < Magic.Length || !reader.ReadBytes(Magic.Length).SequenceEqual(Magic))
        {
            throw new WireFormatException("the peer does not speak this protocol");
        }

        var version = reader.ReadByte();
        if (version != Version)
        {
            // The rest may be laid out differently; only the version is of use.
            return new Hello(version, ProtectionMode.Transport, [], 0, 0, "", "");
        }

        var hello = new Hello(
            version, (ProtectionMode)reader.ReadByte(), reader.ReadBytes(NonceBytes).ToArray(), reader.ReadUInt64(),
            reader.ReadUInt64(), ReadAddress(ref reader), ReadAddress(ref reader));
        RequireEnd(reader);
        return hello;
    }

    /// <summary>Reads a frame that must be <typeparamref name="T"/> or a <see cref="Refusal"/>.</summary>
    /// <exception cref="WireFormatException">It is neither, or not whole.</exception>
    public static bool TryDecode<T>(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out T? message, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        var reader = new WireReader(body);
        var type = reader.ReadByte();
        object decoded = type switch
        {
            ChallengeType => new Challenge(
                reader.ReadBytes(NonceBytes).ToArray(), reader.ReadUInt64(), ReadAddress(ref reader)),
            ProofType => new Proof(reader.ReadBytes(MacBytes).ToArray()),
            WelcomeType => new Welcome(reader.ReadBytes(MacBytes).ToArray()),
            RefusalType => new Refusal((RefusalReason)reader.ReadByte(), reader.ReadBytes(MacBytes).ToArray()),
            _ => throw new WireFormatException($"handshake frame of unknown type {type}"),
        };
        RequireEnd(reader);
        message = decoded as T;
        refusal = decoded as Refusal;
        return message is not null || (refusal is not null
            ? false
            : throw new WireFormatException($"a {decoded.GetType().Name} where a {typeof(T).Name} was due"));
    }

    static string ReadAddress(ref WireReader reader)
    {
        var text = reader.ReadString(AddressBytesMax);
        return Address.TryParse(text, out var address) && !address.HasLocalScope && address.ToString() == text
            ? text
            : throw new WireFormatException("a handshake names an address that is none");
    }

    static void RequireEnd(WireReader reader)
    {
        if (reader.Remaining > 0)
        {
            throw new WireFormatException($"{reader.Remaining} bytes too many in a handshake frame");
        }
    }
}
