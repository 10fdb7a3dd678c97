using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// TLS between a client's socket and the engine, which reads and writes plain sockets: a socket pair, and a thread for
/// each direction. Clients without TLS don't come here.
/// </summary>
#pragma warning disable CA1001 // lets go of everything by itself, once both directions have ended
internal sealed class TlsRelay
#pragma warning restore CA1001
{
    private const int BufferBytes = 256 << 10;

    private readonly Socket _client;
    private readonly Socket _engine;
    private readonly SslStream _secured;
    private readonly SslServerAuthenticationOptions _options;
    private int _directions = 2;

    private TlsRelay(Socket client, Socket engine, X509Certificate2 certificate)
    {
        _client = client;
        _engine = engine;
        _secured = new SslStream(new NetworkStream(client, ownsSocket: false));
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            EnabledSslProtocols = SslProtocols.Tls13,
        };
    }

    /// <summary>Begins with the TLS handshake; the client has heard that it is accepted.</summary>
    /// <param name="client">The client's socket; belongs to the relay from here on.</param>
    /// <param name="take">Certificate and key.</param>
    /// <returns>What the engine reads and writes instead.</returns>
    public static unsafe ClientSocket Start(int client, in TakeClient take)
    {
        int* ends = stackalloc int[2];
        Libc.ThrowIfFailed(Libc.SocketPair(Libc.UnixFamily, Libc.StreamCloseOnExec, 0, ends), "socketpair");
        Libc.ThrowIfFailed(Libc.Fcntl(client, Libc.FcntlSetFlags, 0), "fcntl");
        var relay = new TlsRelay(Wrap(client), Wrap(ends[0]), CertificateOf(take));
        Begin("tls in", relay.FromClient);
        return new ClientSocket(ends[1]);
    }

    private static Socket Wrap(int descriptor) => new(new SafeSocketHandle(descriptor, ownsHandle: true));

    private static X509Certificate2 CertificateOf(in TakeClient take)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(take.Key.Span, out _);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(take.Certificate.Span);
        return certificate.CopyWithPrivateKey(key);
    }

    private static void Begin(string name, Action run)
    {
#pragma warning disable RS0030 // the executor process is the real edge: it needs threads that may block in the kernel
        new Thread(() => run()) { IsBackground = true, Name = name }.Start();
#pragma warning restore RS0030
    }

    private void FromClient()
    {
        var writes = false;
        try
        {
            _secured.AuthenticateAsServer(_options);
            Begin("tls out", ToClient);
            writes = true;
            var buffer = new byte[BufferBytes];
            for (int read; (read = _secured.Read(buffer)) > 0;)
                SendAll(buffer.AsSpan(0, read));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The client is gone, is none that speaks TLS, or the engine has sent it away.
        }
        finally
        {
            if (!writes)
                End(_client);
            End(_engine, SocketShutdown.Send); // what came is still read, and so is what the engine has to say
            Leave(writes ? 1 : 2);
        }
    }

    private void ToClient()
    {
        try
        {
            var buffer = new byte[BufferBytes];
            for (int read; (read = _engine.Receive(buffer)) > 0;)
                _secured.Write(buffer.AsSpan(0, read));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The client is gone.
        }
        finally
        {
            End(_client);
            End(_engine);
            Leave(1);
        }
    }

    private static bool IsEnd(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or InvalidOperationException;

    private static void End(Socket socket, SocketShutdown how = SocketShutdown.Both)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (SocketException)
        {
            // The other side was first.
        }
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_engine.Send(bytes)..];
    }

    private void Leave(int directions)
    {
        if (Interlocked.Add(ref _directions, -directions) > 0)
            return;
        _secured.Dispose();
        _client.Dispose();
        _engine.Dispose();
        _options.ServerCertificate?.Dispose();
    }
}
