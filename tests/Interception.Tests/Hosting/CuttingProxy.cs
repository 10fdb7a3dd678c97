using System.Net;
using System.Net.Sockets;

namespace GpuActors.Interception.Tests.Hosting;

/// <summary>
/// A relay between programs and a gateway that stands for a bad network: it breaks connections after so many bytes, holds
/// everything back, or refuses everybody.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _target;
    private readonly Func<long> _bytes;
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource _open = new();
    private volatile bool _refuses;
    private int _connections;

    /// <param name="target">HOST:PORT.</param>
    /// <param name="bytes">After how many bytes, both directions together, the next connection breaks.</param>
    public CuttingProxy(string target, Func<long> bytes)
    {
        (_target, _bytes) = (target, bytes);
        _open.SetResult();
        _listener.Start();
        Address = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Holds every byte back, or lets them go on.</summary>
    public bool IsPaused
    {
        set
        {
            lock (_gate)
            {
                if (value)
                    _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                else
                    _open.TrySetResult();
            }
        }
    }

    /// <summary>Breaks every connection, now and whenever one is made.</summary>
    public void Refuse()
    {
        _refuses = true;
        Cut();
    }

    /// <summary>Breaks every connection.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (Socket socket in _sockets)
                Reset(socket);
            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _refuses = true;
        IsPaused = false;
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0); // RST
        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task RelayAsync(Socket program)
    {
        Interlocked.Increment(ref _connections);
        string[] address = _target.Split(':');
        var worker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        program.NoDelay = true;
        try
        {
            await worker.ConnectAsync(address[0], int.Parse(address[1]));
            lock (_gate)
                _sockets.AddRange([program, worker]);
            if (!_refuses)
            {
                var left = new StrongBox(_bytes());
                await Task.WhenAny(PumpAsync(program, worker, left), PumpAsync(worker, program, left));
            }
        }
        catch (SocketException)
        {
            // the worker is gone
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(program);
                _sockets.Remove(worker);
            }
            Reset(program);
            Reset(worker);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, StrongBox left)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                int received = await from.ReceiveAsync(buffer);
                await _open.Task;
                long rest = Interlocked.Add(ref left.Value, -received);
                int passes = rest >= 0 ? received : (int)Math.Max(0, received + rest);
                for (var at = 0; at < passes;)
                    at += await to.SendAsync(buffer.AsMemory(at, passes - at));
                if (received == 0 || rest < 0)
                {
                    if (received == 0)
                        to.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // broken
        }
    }

    private sealed class StrongBox(long value)
    {
        public long Value = value;
    }
}
