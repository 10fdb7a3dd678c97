using System.Collections.Concurrent;
using GpuActors.Actors.Runtime;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Tests.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>One pool of real executor processes for the tests of a collection.</summary>
public sealed class ExecutorFixture : IAsyncLifetime
{
    public const string Device = "0/0";

    private static readonly ConcurrentBag<string> RunFolders = [];

    private int _sessions;

    public ExecutorPool Pool { get; private set; } = null!;

    /// <summary>A folder that is not there yet and is deleted after the collection's last test.</summary>
    public static string NewRunFolder()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"gx-{Guid.NewGuid():N}"[..14]);
        RunFolders.Add(folder);
        return folder;
    }

    public Task InitializeAsync()
    {
        Pool = NewPool(settings => settings with { MaxTotal = 6 });
        return Task.CompletedTask;
    }

    /// <summary>A pool of its own, which starts nothing ahead unless <paramref name="change"/> says so.</summary>
    public static ExecutorPool NewPool(
        Func<ExecutorPoolSettings, ExecutorPoolSettings>? change = null, DeviceAddress device = default)
    {
        var settings = new ExecutorPoolSettings { SocketFolder = NewRunFolder(), PrestartPerDevice = 0 };
        return new ExecutorPool(
            change?.Invoke(settings) ?? settings, PoolFixture.RealExecutor, [device], new ProductionRuntime(),
            NullLogger<ExecutorPool>.Instance);
    }

    public async Task DisposeAsync()
    {
        await Pool.DisposeAsync();
        foreach (string folder in RunFolders.Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A session with a context and an in-order queue.</summary>
    public Task<TestSession> OpenAsync(
        string tenant = "tests", ulong memoryBytes = 64 << 20, uint computeUnits = 0, string deviceName = "") =>
        OpenAsync(Pool, new SessionRequest(
            default, $"{tenant}/{Interlocked.Increment(ref _sessions)}", tenant, 1, unchecked((long)memoryBytes),
            (int)computeUnits, deviceName));

    /// <summary>A session of 1 MiB on a pool of a test's own.</summary>
    public static Task<TestSession> OpenAsync(ExecutorPool pool, string tenant, DeviceAddress device = default) =>
        OpenAsync(pool, new SessionRequest(device, $"{tenant}/1", tenant, 1, 1 << 20));

    private static async Task<TestSession> OpenAsync(ExecutorPool pool, SessionRequest request)
    {
        var heard = new Heard();
        ExecutorSession session =
            await pool.AcquireAsync(request, heard, CancellationToken.None).WaitAsync(TestSession.Deadline);
        var test = new TestSession(session, heard);
        await test.StartAsync();
        return test;
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExecutorCollection : ICollectionFixture<ExecutorFixture>
{
    public const string Name = "executors";
}
