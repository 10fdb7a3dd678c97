using System.Globalization;
using System.Net.Sockets;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// A connection to a worker's gateway on which nothing is said: while it is there, so is the session's client. It ends
/// with this process, however that ends.
/// </summary>
internal sealed class HoldConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TimeProvider _time;

    private HoldConnection(Socket socket, Stream stream, TimeProvider time)
    {
        _socket = socket;
        _stream = stream;
        _time = time;
    }

    /// <summary>Connects to the gateway of a grant's first device.</summary>
    /// <exception cref="IOException">It cannot be reached, refuses, or is not the right one; the message says so.</exception>
    public static async Task<HoldConnection> OpenAsync(
        SessionGrant grant, TimeProvider time, CancellationToken cancellationToken)
    {
        var device = grant.Devices[0];
        using var timeout = new CancellationTokenSource(ConnectTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var (host, port) = Split(device.Address);
            await socket.ConnectAsync(host, port, either.Token);
            KeepAlive(socket);
            var key = SessionKey.Of(device.Ticket ?? grant.Ticket);
            var stream = await GatewayHandshake.ConnectAsync(
                new NetworkStream(socket, ownsSocket: true),
                key,
                ConnectionKind.Hold,
                new Guid(GatewayHandshake.NewNonce().AsSpan(0, 16)),
                GatewayTls.Of(device.Fingerprint, ClientCertificate.OfEnvironment()),
                either.Token);
            return new HoldConnection(socket, stream, time);
        }
        catch (Exception e) when (e is IOException or SocketException or FormatException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var why = e is OperationCanceledException ? $"it did not answer within {ConnectTime.TotalSeconds:0} s" : e.Message;
            throw new IOException($"The gateway of the session's worker, {device.Address}, cannot be used: {why}", e);
        }
    }

    /// <summary>Completes when the connection has ended from the other side.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GatewayHandshake.ReadAsync(_stream, cancellationToken);
        }
        catch (IOException)
        {
            // That is the end, too.
        }
    }

    /// <summary>Says that the client is done. False: it may not have been heard.</summary>
    public async Task<bool> SayGoodbyeAsync()
    {
        using var timeout = new CancellationTokenSource(FarewellTime, _time);
        try
        {
            await GatewayHandshake.WriteAsync(_stream, new Goodbye(0, "The client is done."), timeout.Token);
            _socket.Shutdown(SocketShutdown.Send);

            // Closing while something is unread could take back what was sent.
            var rest = new byte[256];
            while (await _stream.ReadAsync(rest, timeout.Token) > 0)
            {
            }

            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
    }

    private static (string Host, int Port) Split(string address)
    {
        int colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? (address[..colon].Trim('[', ']'), port)
            : throw new FormatException($"'{address}' is not HOST:PORT.");
    }
}
