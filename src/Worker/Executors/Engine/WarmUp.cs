using System.Buffers;
using System.Net.Sockets;
using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Runs a small session through a server of its own before the worker is told that the process is ready: code is
/// compiled, driver and compiler are loaded, threads exist. The first real session then starts as fast as the tenth.
/// </summary>
internal static class WarmUp
{
    private const string Source = "kernel void warm(global int* a, int n) { a[get_global_id(0)] += n; }";
    private const ulong Bytes = 4096;

    /// <summary>A limit meant for sessions must not keep the process from loading the compiler.</summary>
    private const ulong Overhead = 4UL << 30;

    public static void Run(ExecutorDevice device, PrintfCapture printf, ExecutorOptions options, TimeProvider time)
    {
        string path = options.SocketPath + ".warm";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        File.Delete(path);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        client.Connect(new UnixDomainSocketEndPoint(path));
        using Socket served = listener.Accept();
        File.Delete(path);
        client.Send(Commands(device.Description.MemoryBytes));
        using var server = new ExecutorServer(
            new SocketTransport((int)served.Handle), device, new ProgramCache(0), printf,
            options with { OverheadBytes = Overhead }, time);
        server.Run(); // until the Goodbye at the end of the commands
    }

    private static byte[] Commands(ulong deviceMemoryBytes)
    {
        var output = new ArrayBufferWriter<byte>();
        ulong sequence = 0;
        void Send<T>(in T command)
            where T : struct, ICommand => CommandWriter.Write(output, ++sequence, command);
        void Attach(ReadOnlySpan<byte> data) =>
            CommandWriter.Write(output, sequence, new Data(0, data.ToArray()));

        byte[] source = Encoding.UTF8.GetBytes(Source);
        Send(new OpenSession("warm-up", "", 0, Math.Min(deviceMemoryBytes, 1 << 20), 0, ""));
        Send(new CreateContext(1, Session.RootDeviceId));
        Send(new CreateQueue(2, 1, Session.RootDeviceId));
        Send(new CreateProgramWithSource(3, 1, (ulong)source.Length));
        Attach(source);
        Send(new BuildProgram(3));
        Send(new CreateKernel(4, 3, "warm"));
        Send(new CreateBuffer(5, 1, Bytes));
        Send(new WriteBuffer(2, 5, 0, Bytes));
        Attach(new byte[Bytes]);
        var launch = new LaunchKernel(
            2, 4, 1, new WorkSize(64), new[] { KernelArgument.Memory(5), KernelArgument.Value(1) });
        for (var i = 0; i < 32; i++)
            Send(launch);
        Send(new ReadBuffer(2, 5, 0, Bytes));
        Send(new Finish(2));
        Send(new Query(QueryKind.Device, Session.RootDeviceId));
        Send(default(Fence));
        Send(default(Reset));
        Send(new Goodbye(0, ""));
        return output.WrittenSpan.ToArray();
    }
}
