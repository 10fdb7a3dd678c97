using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>
/// AES-256-GCM over each frame. Each direction of each connection has a key of its own (from the handshake's nonces),
/// and the nonce is the frame's sequence number, which is never sent: a frame that is changed, repeated, left out or
/// reordered does not open. The length header is authenticated too. A frame carries a whole batch of messages, so one
/// call protects many, and with AES in hardware it costs less than a plain HMAC-SHA256 would.
/// </summary>
sealed class AesGcmFrameSealer(ReadOnlySpan<byte> key) : IFrameSealer
{
    readonly AesGcm _aes = new(key, AesGcmFrame.TagBytes);
    ulong _sequence;

    public int OverheadBytes => AesGcmFrame.TagBytes;

    public void Seal(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        var frameBytes = plain.Length + AesGcmFrame.TagBytes;
        var span = output.GetSpan(FrameCodec.HeaderBytes + frameBytes);
        var header = span[..FrameCodec.HeaderBytes];
        FrameCodec.WriteHeader(header, frameBytes);
        var body = span.Slice(FrameCodec.HeaderBytes, frameBytes);
        Span<byte> nonce = stackalloc byte[AesGcmFrame.NonceBytes];
        AesGcmFrame.WriteNonce(nonce, _sequence++);
        _aes.Encrypt(nonce, plain, body[..plain.Length], body[plain.Length..], header);
        output.Advance(FrameCodec.HeaderBytes + frameBytes);
    }

    public void Dispose() => _aes.Dispose();
}

/// <inheritdoc cref="AesGcmFrameSealer"/>
sealed class AesGcmFrameOpener(ReadOnlySpan<byte> key) : IFrameOpener
{
    readonly AesGcm _aes = new(key, AesGcmFrame.TagBytes);
    ulong _sequence;
    FrameScratch _joined;
    FrameScratch _plain;

    public ReadOnlyMemory<byte> Open(in ReadOnlySequence<byte> frame)
    {
        var length = (int)frame.Length;
        var plainBytes = length - AesGcmFrame.TagBytes;
        if (plainBytes <= 0)
        {
            throw new WireFormatException($"a frame of {length} bytes is too short to be authenticated");
        }

        Span<byte> nonce = stackalloc byte[AesGcmFrame.NonceBytes];
        AesGcmFrame.WriteNonce(nonce, _sequence++);
        Span<byte> header = stackalloc byte[FrameCodec.HeaderBytes];
        FrameCodec.WriteHeader(header, length);
        var body = _joined.Join(frame).Span;
        var plain = _plain.Of(plainBytes).AsMemory(0, plainBytes);
        try
        {
            _aes.Decrypt(nonce, body[..plainBytes], body[plainBytes..], plain.Span, header);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new WireFormatException(
                "a frame is not what the peer sealed (changed, repeated or out of sequence on its way)");
        }

        return plain;
    }

    public void Dispose() => _aes.Dispose();
}

static class AesGcmFrame
{
    public const int KeyBytes = 32;
    public const int TagBytes = 16;
    public const int NonceBytes = 12;

    public static void WriteNonce(Span<byte> nonce, ulong sequence)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], sequence);
    }
}
