using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>A pool of real processes in a socket folder of its own.</summary>
internal sealed class PoolFixture : IAsyncDisposable
{
    public static readonly DeviceAddress Device = new(0, 0);

    private PoolFixture(ExecutorPool pool, string folder)
    {
        Pool = pool;
        Folder = folder;
    }

    public ExecutorPool Pool { get; }

    public string Folder { get; }

    public static ExecutorCommand RealExecutor { get; } =
        ExecutorCommand.ForWorker(typeof(ExecutorPool).Assembly.Location);

    /// <summary>A pool that starts nothing ahead unless <paramref name="change"/> says so.</summary>
    public static PoolFixture Create(
        Func<ExecutorPoolSettings, ExecutorPoolSettings>? change = null,
        ExecutorCommand? command = null,
        IActorRuntime? runtime = null)
    {
        var folder = Path.Combine(Path.GetTempPath(), "gap-" + Path.GetRandomFileName());
        var settings = new ExecutorPoolSettings { SocketFolder = folder, PrestartPerDevice = 0 };
        var pool = new ExecutorPool(
            change?.Invoke(settings) ?? settings, command ?? RealExecutor, [Device],
            runtime ?? new ProductionRuntime(), NullLogger<ExecutorPool>.Instance);
        return new PoolFixture(pool, folder);
    }

    /// <summary>Runs <paramref name="script"/> instead of an executor.</summary>
    public static ExecutorCommand Script(string script) => new("/bin/sh", ["-c", script]);

    public static SessionRequest Request(string tenant, string name = "job", long memoryBytes = 64 << 20) =>
        new(Device, $"{tenant}/{name}", tenant, Epoch: 1, memoryBytes);

    public Task<ExecutorSession> AcquireAsync(string tenant, long memoryBytes = 64 << 20) =>
        Pool.AcquireAsync(Request(tenant, memoryBytes: memoryBytes), new Listener(), CancellationToken.None)
            .WithDeadline("an executor");

    public ValueTask DisposeAsync() => Pool.DisposeAsync();

    internal sealed class Listener : ICommandObserver;
}
