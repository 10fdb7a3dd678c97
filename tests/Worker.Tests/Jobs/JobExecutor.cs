using System.Diagnostics;
using System.Net.Sockets;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

/// <summary>A real executor process on the first OpenCL device, on which jobs are run one after another.</summary>
public sealed class JobExecutor : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jobs-");
    private Process _process = null!;
    private CommandConnection _connection = null!;
    private int _sessions;

    /// <summary>What the device can do.</summary>
    internal DeviceSummary Device { get; private set; }

    /// <summary>Where outputs that are too large for memory go.</summary>
    internal string OutputFolder => Path.Combine(_folder.FullName, "outputs");

    public async Task InitializeAsync()
    {
        var path = Path.Combine(_folder.FullName, "socket");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var worker = Path.Combine(AppContext.BaseDirectory, "GpuActors.Worker.dll");
        string[] arguments = [worker, "executor", "--socket", path, "--device", "0/0"];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true })!;
        var accepted = await listener.AcceptAsync().WaitAsync(Deadline);
        _connection = new CommandConnection(new NetworkStream(accepted, ownsSocket: true), new Nobody(), TimeProvider.System);
        await _connection.Ready.WaitAsync(Deadline);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs a job in a session of its own.</summary>
    internal async Task<JobOutcome> RunAsync(
        JobDocument document, RecordedJob? record = null, long memoryBytes = 1L << 28, OpenBlob? blobs = null,
        CancellationToken stop = default)
    {
        var settings = new JobRunSettings { OutputFolder = OutputFolder };
        var runner = new JobRunner(
            document.Check().GetDocumentOrThrow(), settings, blobs ?? NoBlobs, record ?? new RecordedJob(),
            TimeProvider.System);
        var session = new OpenSession($"tests/{_sessions++}", "tests", 1, (ulong)memoryBytes, 0, "");
        var welcome = await _connection.OpenAsync(session, runner, stop).WaitAsync(Deadline, stop);
        Device = welcome.Devices[0];
        var outcome = await runner.RunAsync(_connection, stop).WaitAsync(Deadline, CancellationToken.None);
        if (outcome.Result != JobResult.ExecutorLost)
        {
            await _connection.RequestAsync(default(Reset), stop).WaitAsync(Deadline, stop);
        }

        return outcome;
    }

    /// <summary>Kills the process, as the worker does with one that does not stop.</summary>
    internal void Kill() => _process.Kill();

    private static Task<Stream> NoBlobs(string sha256, CancellationToken cancellationToken) =>
        throw new FileNotFoundException("there are no blobs here");

    private sealed class Nobody : ICommandObserver;
}

/// <summary>What a run reported.</summary>
internal sealed class RecordedJob : IJobObserver
{
    private readonly Lock _lock = new();
    private readonly List<(long Done, long Total)> _progress = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _log = "";

    public (long Done, long Total)[] Progress
    {
        get
        {
            lock (_lock)
            {
                return [.. _progress];
            }
        }
    }

    /// <summary>Ends with the first report of progress.</summary>
    public Task FirstProgress => _started.Task;

    public string Log
    {
        get
        {
            lock (_lock)
            {
                return _log;
            }
        }
    }

    void IJobObserver.Progress(long stepsDone, long stepsTotal)
    {
        lock (_lock)
        {
            _progress.Add((stepsDone, stepsTotal));
        }

        _started.TrySetResult();
    }

    void IJobObserver.Log(string text)
    {
        lock (_lock)
        {
            _log += text;
        }
    }
}
