using System.Security.Cryptography;
using GpuActors.Actors.Remoting.Wire;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>
/// The mutual challenge and response that opens every connection, before anything else is accepted on it.
/// <code>
///   dialling node                                   dialled node
///     Hello(nonce, uid, address, dialled address) ──▶
///                                                 ◀── Challenge(nonce, uid, address)
///     Proof(HMAC of all the above as dialler)     ──▶
///                                                 ◀── Welcome(HMAC of all the above as dialled), or Refusal
/// </code>
/// The node that dials proves itself first, so a stranger who knocks learns nothing that depends on the secret. What
/// the HMACs and the session keys are made from is the SHA-256 of both first frames: both nonces, both addresses, both
/// incarnations, the version and the protection. A recording of an older handshake has another nonce of the other
/// side and proves nothing.
/// </summary>
sealed class Handshake(
    ClusterSecret secret, string localAddress, ulong localUid, ProtectionMode protection, IRandomSource random)
{
    static ReadOnlySpan<byte> DiallerLabel => "dialler"u8;

    static ReadOnlySpan<byte> DialledLabel => "dialled"u8;

    static ReadOnlySpan<byte> RefusalLabel => "refusal"u8;

    /// <summary>Opens a connection that this node has dialled.</summary>
    /// <exception cref="HandshakeException">It was refused, or the peer failed to prove itself.</exception>
    public async Task<Session> DialAsync(
        INetworkConnection connection, string remoteAddress, ulong lastSession, CancellationToken cancellationToken)
    {
        var hello = HandshakeCodec.Encode(new Hello(
            HandshakeCodec.Version, protection, NewNonce(), localUid, lastSession, localAddress, remoteAddress));
        await HandshakeFrames.WriteAsync(connection.Output, hello, cancellationToken);
        var challengeBody = await HandshakeFrames.ReadAsync(connection.Input, cancellationToken);
        if (!HandshakeCodec.TryDecode<Challenge>(challengeBody, out var challenge, out var early))
        {
            throw HandshakeException.Refused(remoteAddress, early.Reason, isAuthentic: false);
        }

        if (challenge.Address != remoteAddress)
        {
            throw HandshakeException.WrongAddress(remoteAddress, challenge.Address);
        }

        var transcript = Transcript(hello, challengeBody);
        var proof = HandshakeCodec.Encode(new Proof(secret.Authenticate(DiallerLabel, transcript)));
        await HandshakeFrames.WriteAsync(connection.Output, proof, cancellationToken);
        var answer = await HandshakeFrames.ReadAsync(connection.Input, cancellationToken);
        if (!HandshakeCodec.TryDecode<Welcome>(answer, out var welcome, out var refusal))
        {
            throw HandshakeException.Refused(
                remoteAddress, refusal.Reason, IsAuthentic(refusal.Mac, RefusalLabel, transcript));
        }

        if (!IsAuthentic(welcome.Mac, DialledLabel, transcript))
        {
            throw HandshakeException.UnprovenPeer(remoteAddress);
        }

        return NewSession(remoteAddress, challenge.Uid, transcript, isDialler: true);
    }

    /// <summary>
    /// Takes a dialling node as far as its proof. The caller then decides, and sends <see cref="Caller.Welcome"/> or
    /// refuses with <see cref="RefuseAsync"/>.
    /// </summary>
    /// <exception cref="HandshakeException">The node did not prove itself; it has been told.</exception>
    public async Task<Caller> AcceptAsync(INetworkConnection connection, CancellationToken cancellationToken)
    {
        var helloBody = await HandshakeFrames.ReadAsync(connection.Input, cancellationToken);
        var hello = HandshakeCodec.DecodeHello(helloBody);
        if (Mismatch(hello) is { } mismatch)
        {
            await SendRefusalAsync(connection, mismatch, new byte[HandshakeCodec.MacBytes], cancellationToken);
            throw HandshakeException.Mismatched(connection.RemoteAddress, hello, mismatch, protection);
        }

        if (hello.Address == localAddress)
        {
            throw new WireFormatException($"the caller calls itself {localAddress}, which is this node");
        }

        var challenge = HandshakeCodec.Encode(new Challenge(NewNonce(), localUid, localAddress));
        await HandshakeFrames.WriteAsync(connection.Output, challenge, cancellationToken);
        var proofBody = await HandshakeFrames.ReadAsync(connection.Input, cancellationToken);
        var transcript = Transcript(helloBody, challenge);
        if (!HandshakeCodec.TryDecode<Proof>(proofBody, out var proof, out _)
            || !IsAuthentic(proof.Mac, DiallerLabel, transcript))
        {
            await SendRefusalAsync(
                connection, RefusalReason.AuthenticationFailed, new byte[HandshakeCodec.MacBytes], cancellationToken);
            throw HandshakeException.UnprovenCaller(connection.RemoteAddress, hello.Address);
        }

        return new Caller(
            NewSession(hello.Address, hello.Uid, transcript, isDialler: false),
            hello.LastSession,
            HandshakeCodec.Encode(new Welcome(secret.Authenticate(DialledLabel, transcript))),
            secret.Authenticate(RefusalLabel, transcript));
    }

    /// <summary>Tells a proven caller why it is not connected.</summary>
    public static Task RefuseAsync(
        INetworkConnection connection, Caller caller, RefusalReason reason, CancellationToken cancellationToken) =>
        SendRefusalAsync(connection, reason, caller.RefusalMac, cancellationToken);

    static async Task SendRefusalAsync(
        INetworkConnection connection, RefusalReason reason, byte[] mac, CancellationToken cancellationToken)
    {
        var body = HandshakeCodec.Encode(new Refusal(reason, mac));
        await HandshakeFrames.WriteAsync(connection.Output, body, cancellationToken);
        await connection.Output.CompleteAsync();
        await HandshakeFrames.ReadToEndAsync(connection.Input, cancellationToken);
    }

    static byte[] Transcript(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge)
    {
        Span<byte> both = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(hello, both);
        SHA256.HashData(challenge, both[SHA256.HashSizeInBytes..]);
        return SHA256.HashData(both);
    }

    RefusalReason? Mismatch(Hello hello) =>
        hello.Version != HandshakeCodec.Version ? RefusalReason.VersionMismatch
        : hello.Protection != protection ? RefusalReason.ProtectionMismatch
        : null;

    bool IsAuthentic(byte[] mac, ReadOnlySpan<byte> label, byte[] transcript) =>
        CryptographicOperations.FixedTimeEquals(mac, secret.Authenticate(label, transcript));

    byte[] NewNonce()
    {
        var nonce = new byte[HandshakeCodec.NonceBytes];
        random.Fill(nonce);
        return nonce;
    }

    Session NewSession(string remoteAddress, ulong remoteUid, byte[] transcript, bool isDialler)
    {
        Span<byte> id = stackalloc byte[8];
        secret.DeriveSessionKey("session id"u8, transcript, id);
        var sessionId = BitConverter.ToUInt64(id) | 1; // Never 0, which stands for no session.
        if (protection == ProtectionMode.Transport)
        {
            return new Session(remoteAddress, remoteUid, sessionId, new PlainFrameSealer(), new PlainFrameOpener());
        }

        Span<byte> fromDialler = stackalloc byte[AesGcmFrame.KeyBytes];
        Span<byte> fromDialled = stackalloc byte[AesGcmFrame.KeyBytes];
        secret.DeriveSessionKey("frames from the dialler"u8, transcript, fromDialler);
        secret.DeriveSessionKey("frames from the dialled"u8, transcript, fromDialled);
        return new Session(
            remoteAddress, remoteUid, sessionId,
            new AesGcmFrameSealer(isDialler ? fromDialler : fromDialled),
            new AesGcmFrameOpener(isDialler ? fromDialled : fromDialler));
    }
}
