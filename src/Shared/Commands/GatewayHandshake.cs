using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using GpuActors.Shared.Security;

namespace GpuActors.Shared.Commands;

/// <summary>
/// What happens on a connection to a worker's gateway before it is a command stream. The frames are read to their last
/// byte and not beyond: what follows belongs to TLS or to the executor.
/// </summary>
public static class GatewayHandshake
{
    /// <summary>Largest payload of a frame before <see cref="Accepted"/>.</summary>
    public const int MaxPayloadBytes = 8 << 10;

    /// <summary>A nonce.</summary>
    public static byte[] NewNonce() => RandomNumberGenerator.GetBytes(Challenge.NonceBytes);

    /// <summary>The client's side, up to and including TLS.</summary>
    /// <param name="stream">Just connected; when this fails the caller closes it.</param>
    /// <param name="key">The ticket.</param>
    /// <param name="kind">What the connection is for.</param>
    /// <param name="streamId">Random; the same for all connections of one command stream.</param>
    /// <param name="tls">Null: without TLS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The stream to go on with, which owns <paramref name="stream"/>.</returns>
    /// <exception cref="GatewayRefusedException">The worker said no, and why.</exception>
    /// <exception cref="ProtocolException">It is no gateway, or not the one that the ticket is for.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<Stream> ConnectAsync(
        Stream stream, SessionKey key, ConnectionKind kind, Guid streamId, GatewayTls? tls,
        CancellationToken cancellationToken)
    {
        Frame first = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        ThrowIfGoodbye(first);
        Challenge challenge = CommandReader.Read<Challenge>(first);
        if (challenge.Tls != (tls is not null))
        {
            throw new ProtocolException(challenge.Tls
                ? "the gateway wants TLS, and the grant has no fingerprint to check it by"
                : "the gateway offers no TLS, and the grant says that it does: somebody may stand between");
        }
        if (challenge.WantsCertificate && tls?.Own is null)
        {
            throw new ProtocolException(
                "the gateway lets in only clients with a certificate; " +
                $"{ClientCertificate.CertificateVariable} and {ClientCertificate.KeyVariable} name its files");
        }
        ushort version = ProtocolVersion.Choose(challenge.VersionMin, challenge.VersionMax)
            ?? throw new ProtocolException(
                $"the worker speaks versions {challenge.VersionMin} to {challenge.VersionMax} of the protocol, this " +
                $"program {ProtocolVersion.Oldest} to {ProtocolVersion.Newest}");
        byte[] nonce = NewNonce();
        Connect connect = key.Prove(
            new Connect(version, kind, streamId, nonce, key.Ticket, default), challenge.Nonce.Span);
        await WriteAsync(stream, connect, cancellationToken).ConfigureAwait(false);
        Frame answer = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        ThrowIfGoodbye(answer);
        if (!key.IsAcceptedBy(CommandReader.Read<Accepted>(answer), nonce, challenge.Nonce.Span))
            throw new ProtocolException("the gateway does not know the ticket's signature: it is not this session's");
        return tls is null
            ? stream
            : await SecureAsync(stream, tls, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads one frame, and nothing of what follows it.</summary>
    /// <exception cref="ProtocolException">It is none, or longer than <see cref="MaxPayloadBytes"/>.</exception>
    /// <exception cref="EndOfStreamException">The connection ended before its last byte.</exception>
    public static async Task<Frame> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[FrameHeader.SizeBytes];
        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        FrameHeader.TryRead(bytes, out FrameHeader header);
        if (header.PayloadBytes > MaxPayloadBytes)
        {
            throw new ProtocolException(
                $"{header.Opcode} #{header.Sequence}: payload of {header.PayloadBytes} bytes; in a handshake " +
                $"at most {MaxPayloadBytes} are allowed");
        }
        var payload = new byte[header.PayloadBytes];
        await stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
        return new Frame(header, payload);
    }

    /// <summary>Writes one frame with sequence number 0.</summary>
    public static async Task WriteAsync<T>(Stream stream, T body, CancellationToken cancellationToken)
        where T : struct, IFrameBody
    {
        var output = new ArrayBufferWriter<byte>();
        CommandWriter.Write(output, 0, body);
        await stream.WriteAsync(output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Stream> SecureAsync(
        Stream stream, GatewayTls tls, CancellationToken cancellationToken)
    {
        var secured = new SslStream(stream, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "gpuactors",
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => tls.IsOf(certificate),
            ClientCertificates = tls.Own is null ? null : [tls.Own],
        };
        try
        {
            await secured.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return secured;
        }
        catch (AuthenticationException e)
        {
            throw new ProtocolException($"the gateway's certificate is not the one of the grant: {e.Message}");
        }
    }

    private static void ThrowIfGoodbye(in Frame frame)
    {
        if (frame.Opcode == Opcode.Goodbye)
            throw new GatewayRefusedException(CommandReader.Read<Goodbye>(frame));
    }
}

/// <summary>A worker's gateway refused a connection.</summary>
public sealed class GatewayRefusedException(Goodbye goodbye) : IOException(goodbye.Text)
{
    /// <summary>One of <see cref="OpenClErrors"/>.</summary>
    public int Code { get; } = goodbye.Code;
}
