using System.Text.Json;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Blobs;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>Runs attempts on a pool of real executors, with a scheduler's blob store beside it.</summary>
internal sealed class AttemptFixture : IAsyncDisposable
{
    private readonly PoolFixture _pool;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "gaa-" + Path.GetRandomFileName());
    private readonly HttpClient _http = new();

    private AttemptFixture(PoolFixture pool, BlobServer blobs, AttemptDevice device, MigInstances? instances)
    {
        _pool = pool;
        BlobServer = blobs;
        var runtime = new ProductionRuntime();
        var cache = new BlobCache(Path.Combine(_folder, "blobs"), 1 << 24, runtime.Random);
        var transfer = new BlobTransfer(_http, cache, () => "ticket", runtime) { Address = blobs.Address };
        var devices = new Dictionary<int, AttemptDevice> { [0] = device };
        var settings = new JobRunSettings { OutputFolder = OutputFolder };
        Runner = new JobAttempt(pool.Pool, devices, transfer, settings, runtime, instances);
    }

    public string OutputFolder => Path.Combine(_folder, "outputs");

    public BlobServer BlobServer { get; }

    public JobAttempt Runner { get; }

    public ExecutorPool Pool => _pool.Pool;

    public static async Task<AttemptFixture> CreateAsync(
        Func<ExecutorPoolSettings, ExecutorPoolSettings>? change = null, ExecutorCommand? command = null,
        AttemptDevice? device = null, MigInstances? instances = null) =>
        new(
            PoolFixture.Create(change, command),
            await BlobServer.StartAsync(),
            device ?? new AttemptDevice(PoolFixture.Device, GpuModels.BuiltIn.Recognize("pthread")),
            instances);

    public Task<AttemptOutcome> RunAsync(
        string document, Observer? observer = null, TimeSpan? timeLimit = null, SliceGrant? slice = null,
        CancellationToken stop = default) =>
        Runner.RunAsync(Start(document, timeLimit, slice), observer ?? new Observer(), stop).WithDeadline("the outcome");

    public static StartAttempt Start(string document, TimeSpan? timeLimit = null, SliceGrant? slice = null) => new(
        "host", "acme/job", "acme", 1, [slice ?? new SliceGrant("host/0/s0", "host", 0, 64 << 20, 25, Whole: false)],
        JsonDocument.Parse(document).RootElement, timeLimit ?? TimeSpan.FromMinutes(5));

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await BlobServer.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Keeps what it hears.</summary>
    internal sealed class Observer : IAttemptObserver
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartedTask => _started.Task;

        public string Printed { get; private set; } = "";

        public (long Done, long Total) LastProgress { get; private set; }

        public SessionEndpoint? Endpoint { get; private set; }

        public void Started(SessionEndpoint? endpoint)
        {
            Endpoint = endpoint;
            _started.TrySetResult();
        }

        public void Progress(long stepsDone, long stepsTotal) => LastProgress = (stepsDone, stepsTotal);

        public void Log(string text) => Printed += text;
    }
}
