using System.Collections.Concurrent;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors;

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
        Pool = new ExecutorPool(
            new ExecutorPoolOptions { RunFolder = NewRunFolder(), MaxProcesses = 6, MaxTenantIdle = 3 },
            TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Pool.DisposeAsync();
        foreach (string folder in RunFolders.Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A session with a context and an in-order queue.</summary>
    public async Task<TestSession> OpenAsync(
        string tenant = "tests", ulong memoryBytes = 64 << 20, uint computeUnits = 0, string deviceName = "")
    {
        var heard = new Heard();
        var request = new SessionRequest(
            $"{tenant}/{Interlocked.Increment(ref _sessions)}", tenant, 1,
            new ExecutorLimits(memoryBytes, computeUnits, deviceName));
        ExecutorSession session = await Pool.AcquireAsync(Device, request, heard).WaitAsync(TestSession.Deadline);
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
