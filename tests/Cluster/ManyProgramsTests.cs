using System.Globalization;
using GpuActors.Client;
using GpuActors.LocalCluster;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Many programs at once on one worker, each on a small slice: all compute what is right, and once they have ended the
/// worker holds no more than before.
/// </summary>
public sealed class ManyProgramsTests : IAsyncLifetime
{
    private const int Ready = 1; // executors that wait for whoever comes
    private const long Mebibyte = 1 << 20;
    private LocalCluster.LocalCluster _cluster = null!;
    private string _temporary = "";

    public async Task InitializeAsync()
    {
        _cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Workers = 1,
            ExtraConfig = $"gpuactors.worker.executors {{ prestart = {Ready}, idle-timeout = 3s }}",
        });
        _temporary = Directory.CreateDirectory(Path.Combine(_cluster.Folder, "tmp")).FullName;
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public Task Sixteen_programs_at_once_four_times_leave_nothing_behind() => RunAllAsync(programs: 16, rounds: 4);

    [Fact]
    [Trait("group", "nightly")]
    public Task Sixty_four_programs_at_once_a_thousand_in_all_leave_nothing_behind() => RunAllAsync(programs: 64, rounds: 16);

    private async Task RunAllAsync(int programs, int rounds)
    {
        var program = CompiledProgram.Of("rounds");
        await RoundAsync(program, programs);
        var first = await AtRestAsync();
        var after = new List<WorkerState>();
        for (var round = 1; round < rounds; round++)
        {
            await RoundAsync(program, programs);
            after.Add(await AtRestAsync());
        }

        var history = string.Join('\n', after.Prepend(first));
        after[^1].Descriptors.ShouldBeLessThanOrEqualTo(first.Descriptors, history);
        after[^1].Files.ShouldBeLessThanOrEqualTo(first.Files, history);
        Directory.EnumerateFileSystemEntries(_temporary).ShouldBeEmpty("every program's grant is deleted");
        // What each program leaves for ever would add up; what the runtime keeps for later does not.
        var grown = after[^1].ResidentBytes - after[after.Count / 2].ResidentBytes;
        grown.ShouldBeLessThan(Mebibyte * programs * (rounds / 2) / 8, history);
    }

    /// <summary>All at once; each says "right".</summary>
    private async Task RoundAsync(string program, int programs)
    {
        var variables = new Dictionary<string, string> { ["TMPDIR"] = _temporary };
        var fraction = (1.0 / 64).ToString(CultureInfo.InvariantCulture);
        var running = Enumerable.Range(0, programs).Select(_ => PbmProcess.Start(
            _cluster, [], variables, "run", "--fraction", fraction, "--", program, "10", "65536")).ToArray();
        try
        {
            foreach (var run in running)
            {
                (await run.ExitAsync()).ShouldBe(0, run.Output + run.Errors + _cluster.Workers["host1"].LogEnd());
                run.Output.ShouldEndWith("right\n");
            }
        }
        finally
        {
            Array.ForEach(running, run => run.Dispose());
        }
    }

    /// <summary>The worker once nobody uses it and executors that nobody came for have ended.</summary>
    private async Task<WorkerState> AtRestAsync()
    {
        using var client = _cluster.Client();
        await Patience.UntilAsync("no session is open", async () =>
            (await client.Sessions.ListAsync(new SessionQuery())).Sessions.Count == 0);
        await Patience.UntilAsync("no slice is taken", async () => (await client.Cluster.ListSlicesAsync()).Count == 0);
        var worker = _cluster.Workers["host1"].Id;
        var folders = new[] { _temporary, Path.Combine(_cluster.Folder, "host1", "s") };
        await Patience.UntilAsync(
            "no executor is left but those that wait for whoever comes",
            () => WorkerState.Of(worker, folders).Executors == Ready);
        return WorkerState.Of(worker, folders);
    }
}
