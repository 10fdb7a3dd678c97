using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>A socket inside TLS 1.3. The engine's own threads encrypt and decrypt.</summary>
internal sealed unsafe class TlsTransport : ClientTransport
{
    /// <summary>Content of a full record.</summary>
    private const int RecordBytes = 16 << 10;

    /// <summary>More than this is not sent by a thread that may not wait: a socket with room takes this much.</summary>
    private const int InlineBytes = 4 << 10;

    /// <summary>Most bytes that one call takes, so that staging memory comes back early.</summary>
    private const int MaxSendBytes = 512 << 10;

    /// <summary>AES with 128 bits takes a third less time than with 256, the first choice otherwise.</summary>
#pragma warning disable CA1416 // executors run on Linux
    private static readonly CipherSuitesPolicy Fastest = new(
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ]);
#pragma warning restore CA1416

    private readonly SocketTransport _socket;
    private readonly TlsRecords _records;
    private readonly SslStream _secured;
    private readonly X509Certificate2 _certificate;
    private readonly TrustedAuthorities? _clients;
    private readonly byte[] _gathered = new byte[RecordBytes]; // the sender's
    private int _gatheredBytes;
    private bool _hasBegun;

    /// <param name="socket">The client's, who has heard that it is accepted; belongs to this object from here on.</param>
    /// <param name="take">Certificate and key.</param>
    public TlsTransport(SocketTransport socket, in TakeClient take)
    {
        _socket = socket;
        _certificate = CertificateOf(take);
        _clients = take.Authorities.Length > 0 ? TrustedAuthorities.Parse(take.Authorities.Span) : null;
        _records = new TlsRecords(socket);
        _secured = new SslStream(_records, leaveInnerStreamOpen: false);
    }

    /// <summary>Whether received bytes lie where waiting for the socket does not see them.</summary>
    public bool HasReceived => _records.HasReceived;

    public override bool Begin()
    {
        try
        {
            _secured.AuthenticateAsServer(new SslServerAuthenticationOptions
            {
                ServerCertificate = _certificate,
                EnabledSslProtocols = SslProtocols.Tls13,
                CipherSuitesPolicy = Fastest,
                ClientCertificateRequired = _clients is not null,
                RemoteCertificateValidationCallback = (_, shown, chain, _) => _clients is null || _clients.Accepts(shown, chain),
            });
            _hasBegun = _records.IsGathering = true;
            return true;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return false; // gone, or none that speaks TLS
        }
    }

    public override int Receive(byte* into, int length)
    {
        try
        {
            return _secured.Read(new Span<byte>(into, length));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return 0;
        }
    }

    public override nint Send(Libc.IoVector* vectors, int count, bool mayWait)
    {
        nint bytes = Math.Min(Total(vectors, count), MaxSendBytes);
        if (!_hasBegun)
            return mayWait ? Gone : WouldBlock;
        if (!mayWait && (bytes > InlineBytes || !_socket.HasRoom))
            return WouldBlock;
        try
        {
            Encrypt(vectors, bytes);
            return bytes;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return Gone;
        }
    }

    public override void ShutDown() => _socket.ShutDown();

    public override void WaitForEnd() => _socket.WaitForEnd();

    public override void Dispose()
    {
        _secured.Dispose();
        _socket.Dispose();
        _certificate.Dispose();
    }

    private static nint Total(Libc.IoVector* vectors, int count)
    {
        nint total = 0;
        for (var i = 0; i < count; i++)
            total += (nint)vectors[i].Length;
        return total;
    }

    private static X509Certificate2 CertificateOf(in TakeClient take)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(take.Key.Span, out _);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(take.Certificate.Span);
        return certificate.CopyWithPrivateKey(key);
    }

    private static bool IsEnd(Exception exception) =>
        exception is IOException or ObjectDisposedException or AuthenticationException or InvalidOperationException
            or CryptographicException;

    private void Encrypt(Libc.IoVector* vectors, nint bytes)
    {
        for (; bytes > 0; vectors++)
        {
            var length = (int)Math.Min(bytes, (nint)vectors->Length);
            Encrypt(new ReadOnlySpan<byte>(vectors->Start, length));
            bytes -= length;
        }
        if (_gatheredBytes > 0)
            EncryptGathered();
        _records.Flush();
    }

    /// <summary>Full records straight from where the bytes lie; what is left over goes with what follows.</summary>
    private void Encrypt(ReadOnlySpan<byte> bytes)
    {
        if (_gatheredBytes > 0)
            bytes = Gather(bytes);
        if (_gatheredBytes == RecordBytes)
            EncryptGathered();
        int whole = bytes.Length - (bytes.Length % RecordBytes);
        if (whole > 0)
            _secured.Write(bytes[..whole]);
        Gather(bytes[whole..]);
    }

    private ReadOnlySpan<byte> Gather(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, RecordBytes - _gatheredBytes);
        bytes[..length].CopyTo(_gathered.AsSpan(_gatheredBytes));
        _gatheredBytes += length;
        return bytes[length..];
    }

    private void EncryptGathered()
    {
        int length = _gatheredBytes;
        _gatheredBytes = 0;
        _secured.Write(_gathered.AsSpan(0, length));
    }
}
