using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GpuActors.Benchmarks.Actors;

/// <summary>What two processes need at least: blocking sockets, one thread each, 32 bytes there and back.</summary>
internal static class RawTcp
{
    private const int Size = 32;
    private const int Warmup = 5_000;
    private const int Measured = 20_000;

    /// <summary>Echoes one connection on a thread of its own; returns the port.</summary>
    public static int StartEcho()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        new Thread(() => Echo(listener)) { IsBackground = true }.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Median of a round trip.</summary>
    public static double MedianMicroseconds(IPEndPoint echo)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(echo);
        var microseconds = new double[Measured];
        var buffer = new byte[Size];
        for (var i = -Warmup; i < Measured; i++)
        {
            var start = Stopwatch.GetTimestamp();
            socket.Send(buffer);
            Receive(socket, buffer);
            if (i >= 0)
            {
                microseconds[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(microseconds);
        return microseconds[Measured / 2];
    }

    private static void Echo(TcpListener listener)
    {
        using var socket = listener.AcceptSocket();
        socket.NoDelay = true;
        var buffer = new byte[Size];
        while (Receive(socket, buffer))
        {
            socket.Send(buffer);
        }
    }

    private static bool Receive(Socket socket, byte[] buffer)
    {
        for (var received = 0; received < Size;)
        {
            var count = socket.Receive(buffer.AsSpan(received));
            if (count == 0)
            {
                return false;
            }

            received += count;
        }

        return true;
    }
}
