using System.Diagnostics;
using System.Globalization;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence;

/// <summary>
/// A second process that writes into a store without end and prints <c>writer sequenceNr</c> for each acknowledged
/// write: this assembly, started with the path of the store.
/// </summary>
internal sealed class WriterProcess : IDisposable
{
    /// <summary>First argument of the process.</summary>
    public const string Name = "store-writer";

    public const int Writers = 8;
    private const int ExitCodeFenced = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    public WriterProcess(string path)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { typeof(WriterProcess).Assembly.Location, Name, path },
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
    }

    /// <summary>What the process does.</summary>
    public static async Task<int> RunAsync(string path)
    {
        await using var store = SqliteEventStore.Open(
            new SqliteEventStoreSettings { Path = path, CheckpointPages = 100 }, new ProductionRuntime());
        var node = await store.AcquireOwnershipAsync("node", "child");
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteForEver(store, node, $"w{writer}")));
        }
        catch (FencedException)
        {
            return ExitCodeFenced;
        }
        return 0;
    }

    /// <summary>The next acknowledged write: writer and sequence number; null at the end of the output.</summary>
    public async Task<(string Writer, long SequenceNr)?> NextAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        if (line?.Split(' ') is not [var writer, var number])
            return null; // a line cut short by the kill was not completely printed
        return (writer, long.Parse(number, CultureInfo.InvariantCulture));
    }

    /// <summary>Kill -9.</summary>
    public void Kill() => _process.Kill();

    public async Task ExpectFencedAsync()
    {
        while (await NextAsync() is not null)
        {
            // what it wrote before it was fenced
        }
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.ExitCode.ShouldBe(ExitCodeFenced);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task WriteForEver(SqliteEventStore store, OwnershipToken node, string writer)
    {
        for (var n = 1L; ; n++)
        {
            await store.AppendAsync(Write.Events(node, writer, n, 1) with
            {
                IndexEntry = Write.Entity(writer, 1, status: $"{n}"),
                Blobs = [BlobOf(writer, n)],
            });
            Console.WriteLine($"{writer} {n}");
        }
    }

    public static Blob BlobOf(string writer, long sequenceNr) => new("t", Write.Json($"{writer}-{sequenceNr}"));
}
