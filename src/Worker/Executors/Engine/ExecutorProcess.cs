using System.Net.Sockets;
using GpuActors.Worker.OpenCL;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>The <c>executor</c> subcommand: one device, one worker, one session at a time.</summary>
public static class ExecutorProcess
{
    /// <summary>Runs until the worker lets go.</summary>
    /// <param name="arguments">Arguments after <c>executor</c>.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        try
        {
            return Serve(ExecutorOptions.Parse(arguments));
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine($"executor: {exception.Message}");
            return ExitCode.Usage;
        }
        catch (OpenClUnavailableException exception)
        {
            Console.Error.WriteLine($"executor: {exception.Message}");
            return ExitCode.NoDevice;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"executor: {exception}");
            return ExitCode.Internal;
        }
    }

    private static int Serve(ExecutorOptions options)
    {
        ProcessLimits.Apply();
        PrintfCapture printf = PrintfCapture.Start(); // before a driver finds standard output
        using Socket socket = Connect(options.SocketPath);
        using Socket? clients = options.ClientsPath is { } handover ? Connect(handover) : null;
        var descriptor = (int)socket.Handle;
#pragma warning disable RS0030 // the executor process is the real edge: here real time comes in
        TimeProvider time = TimeProvider.System;
#pragma warning restore RS0030
        WorkerLease? lease = options.LeasePath is { } path ? WorkerLease.Open(path, time) : null;
        TurnGate? turns = options is { SharePath: { } share, BellPath: { } bell }
            ? new TurnGate(SharePage.Open(share), ShareBell.Open(bell), time)
            : null;
        ControlSocketWatch.Start(descriptor, lease);
        ExecutorDevice device = ExecutorDevice.Open(options.Device);
        WarmUp.Run(device, printf, options, time);
        using var server = new ExecutorServer(
            new SocketTransport(descriptor), device, new ProgramCache(options.CachedPrograms), printf, options, time, lease, turns);
        if (clients is not null)
            new HandoverSocket((int)clients.Handle, server).Start();
        server.Greet();
        int code = server.Run();
        Libc.ExitNow(code); // a driver's threads and exit handlers have nothing left to say
        return code;
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
