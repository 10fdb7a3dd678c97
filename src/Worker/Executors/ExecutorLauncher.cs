using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors;

/// <summary>Starts executor processes: command line, environment, socket, first word.</summary>
internal sealed class ExecutorLauncher(ExecutorPoolOptions options, KernelCacheFolders kernels, TimeProvider time)
{
    /// <summary>Variables of the worker that drivers and the ICD loader look at.</summary>
    private static readonly string[] PassedOn =
    [
        "OCL_ICD_", "POCL_", "CUDA_", "NVIDIA_", "HSA_", "ROCR_", "HIP_", "GPU_", "AMD_", "ZE_", "SYCL_",
    ];

    private long _lastNumber;

    /// <summary>Starts a process on the device and waits until it is ready.</summary>
    /// <exception cref="ExecutorUnavailableException">It ended, or was not ready in time; says why.</exception>
    public async Task<ExecutorInstance> LaunchAsync(string device, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ExecutorInstance instance = Spawn(device, listener);
        try
        {
            using var patience = new CancellationTokenSource(options.StartTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            Socket socket = await AcceptAsync(listener, instance, either.Token).ConfigureAwait(false);
            await instance.ConnectAsync(new NetworkStream(socket, ownsSocket: true), either.Token).ConfigureAwait(false);
            instance.StartTime = time.GetElapsedTime(started);
            return instance;
        }
        catch (Exception exception) when (exception is OperationCanceledException or CommandException or IOException)
        {
            instance.Kill(ExecutorEnd.Killed, "it was not ready in time");
            ExecutorExit exit = await instance.Exited.ConfigureAwait(false);
            await instance.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ExecutorUnavailableException(
                $"an executor for device {device} did not start: {exit.Reason}" +
                (exit.ErrorOutput.Length == 0 ? "" : $" ({exit.ErrorOutput.Trim()})"), exception);
        }
    }

    private ExecutorInstance Spawn(string device, Socket listener)
    {
        long number = Interlocked.Increment(ref _lastNumber);
        string folder = Path.Combine(options.RunFolder, $"e{number}");
        string path = Path.Combine(folder, "s");
        try
        {
            PrivateFolder.Create(folder);
            kernels.PointTo(folder, null);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            return new ExecutorInstance(number, device, folder, Start(device, folder, path), time);
        }
        catch (Exception exception) when (exception is IOException or SocketException or Win32Exception
            or UnauthorizedAccessException)
        {
            PrivateFolder.Delete(folder);
            throw new ExecutorUnavailableException(
                $"an executor for device {device} could not be started in {folder}: {exception.Message}", exception);
        }
    }

    private static async Task<Socket> AcceptAsync(
        Socket listener, ExecutorInstance instance, CancellationToken cancellationToken)
    {
        Task<Socket> accepting = listener.AcceptAsync(cancellationToken).AsTask();
        await Task.WhenAny(accepting, instance.Exited).ConfigureAwait(false);
        if (!accepting.IsCompleted)
            throw new IOException("the process ended before it connected");
        Socket socket = await accepting.ConfigureAwait(false);
        if (PeerOf(socket) == instance.ProcessId)
            return socket;
        socket.Dispose();
        throw new IOException("another process connected to the executor's socket");
    }

    /// <summary>Process id of the other end, which the kernel vouches for.</summary>
    private static int PeerOf(Socket socket)
    {
        const int SocketLevel = 1;
        const int PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    private Process Start(string device, string folder, string path)
    {
        IReadOnlyList<string> command = options.Command ?? OwnCommand();
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        foreach (string argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        foreach (string argument in Arguments(device, path))
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach ((string name, string value) in EnvironmentFor(folder))
            start.Environment[name] = value;
        Process process = Process.Start(start)
            ?? throw new ExecutorUnavailableException($"{command[0]} could not be started");
        process.StandardInput.Close();
        return process;
    }

    private string[] Arguments(string device, string path) =>
    [
        "executor", "--socket", path, "--device", device, "--overhead-bytes", $"{options.OverheadBytes}",
        "--staging-bytes", $"{options.StagingBytes}", "--cached-programs", $"{options.CachedPrograms}",
    ];

    private Dictionary<string, string> EnvironmentFor(string folder)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["LANG"] = "C.UTF-8",
            ["HOME"] = folder,
            ["TMPDIR"] = folder,
            ["DOTNET_ROOT"] = DotnetRoot(),
            ["DOTNET_EnableDiagnostics"] = "0", // no debugger's or profiler's socket in a process that holds others' data
            ["DOTNET_gcConcurrent"] = "0", // the managed heap is small: a thread less
            ["DOTNET_TieredPGO"] = "0", // instrumented code would last longer than most processes
            ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1", // buffers in huge pages: a fifth of the time to first touch
        };
        foreach (System.Collections.DictionaryEntry own in Environment.GetEnvironmentVariables())
        {
            var name = (string)own.Key;
            if (PassedOn.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                environment[name] = (string?)own.Value ?? "";
        }
        foreach ((string name, string value) in options.Environment)
            environment[name] = value;
        environment["POCL_CACHE_DIR"] = KernelCacheFolders.LinkIn(folder);
        environment["CUDA_CACHE_PATH"] = KernelCacheFolders.LinkIn(folder);
        return environment;
    }

    private static IReadOnlyList<string> OwnCommand()
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "GpuActors.Worker");
        return File.Exists(assembly)
            ? [assembly]
            : [Path.Combine(DotnetRoot(), "dotnet"), "exec", assembly + ".dll"];
    }

    private static string DotnetRoot() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
