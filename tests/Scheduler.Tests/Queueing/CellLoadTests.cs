using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Tests.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>What a queue knows of cells: it may send in vain, but never rules out a cell with room.</summary>
public sealed class CellLoadTests
{
    private static readonly PoolCells Cells = new("p", 2);
    private static readonly string[] Hosts = [.. Enumerable.Range(0, 2).Select(
        cell => Enumerable.Range(0, 100).Select(i => $"h{i}").First(host => Cells.NumberOfHost(host) == cell))];

    private readonly PoolLoad _pool = new(new GpuFit(GpuModels.BuiltIn), Cells);

    [Fact]
    public void A_pool_of_one_cell_counts_nothing() => new PoolLoad(new GpuFit(GpuModels.BuiltIn)).Cells.ShouldBeEmpty();

    [Fact]
    public void What_a_session_takes_and_gives_back_counts_in_its_hosts_cell()
    {
        _pool.SetHost(Hosts[0], TestGpus.Gpus(2));
        _pool.SetHost(Hosts[1], TestGpus.Gpus(2));
        MayFit(new GpuRequest { Whole = true, Count = 2 }).ShouldBe([true, true]);
        _pool.Add(Running("t/a", Slice(Hosts[0], 0, whole: true)));
        MayFit(new GpuRequest { Whole = true, Count = 2 }).ShouldBe([false, true]);
        MayFit(new GpuRequest { Whole = true }).ShouldBe([true, true]);
        _pool.Cells[0].FreePart(new GpuRequest { Whole = true }).ShouldBe(0.5);
        _pool.Remove("t/a");
        MayFit(new GpuRequest { Whole = true, Count = 2 }).ShouldBe([true, true]);
    }

    [Fact]
    public void A_share_needs_memory_and_compute()
    {
        _pool.SetHost(Hosts[0], TestGpus.Gpus(1));
        _pool.SetHost(Hosts[1], TestGpus.Gpus(1));
        _pool.Add(Running("t/a", Slice(Hosts[0], 0, percent: 60)));
        MayFit(new GpuRequest { MemoryPercent = 50, ComputePercent = 10 }).ShouldBe([false, true]);
        MayFit(new GpuRequest { MemoryPercent = 10, ComputePercent = 50 }).ShouldBe([false, true]);
        MayFit(new GpuRequest { MemoryPercent = 40, ComputePercent = 40 }).ShouldBe([true, true]);
    }

    [Fact]
    public void A_model_is_looked_for_where_it_is()
    {
        _pool.SetHost(Hosts[0], [TestGpus.Gpu(0, "T4")]);
        _pool.SetHost(Hosts[1], TestGpus.Gpus(1));
        MayFit(new GpuRequest { Whole = true, Model = TestGpus.A100 }).ShouldBe([false, true]);
        MayFit(new GpuRequest { Profile = "3g.20gb" }).ShouldBe([false, true]);
    }

    [Fact]
    public void A_host_that_is_gone_has_no_room()
    {
        _pool.SetHost(Hosts[1], TestGpus.Gpus(1));
        _pool.SetHost(Hosts[1], []);
        MayFit(new GpuRequest { Whole = true }).ShouldBe([false, false]);
    }

    /// <summary>Whatever comes and goes, the counts are those of a pool that is told all at once.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Counts_follow_what_comes_and_goes(int seed)
    {
        var (fit, all, steps) = (new GpuFit(GpuModels.BuiltIn), Hosts, new byte[500]);
        new Random(seed).NextBytes(steps);
        Array.ForEach(all, host => _pool.SetHost(host, TestGpus.Gpus(3)));
        foreach (var step in steps)
        {
            var session = $"t/{step % 7}";
            if (!_pool.Remove(session))
            {
                _pool.Add(Running(session, Slice(all[step % 2], step % 3, percent: 5 + (step % 20), whole: step % 5 == 0)));
            }

            if (step % 11 == 0)
            {
                _pool.SetHost(all[step / 11 % 2], TestGpus.Gpus(step % 4));
            }
        }

        GpuRequest[] requests =
        [
            new() { Whole = true }, new() { Whole = true, Count = 3 }, TestGpus.Fraction(30), TestGpus.Fraction(85),
            TestGpus.Profile("3g.20gb"),
        ];
        for (var cell = 0; cell < 2; cell++)
        {
            var fresh = new CellLoad(fit);
            var devices = _pool.Devices.Where(device => device.Host == all[cell]).ToArray();
            fresh.Refresh(all[cell], devices);
            foreach (var request in requests)
            {
                var known = _pool.Cells[cell];
                known.MayFit(request).ShouldBe(fresh.MayFit(request));
                known.FreePart(request).ShouldBe(fresh.FreePart(request));
                var serves = devices.Count(device => fit.MightServe(request, device.Free));
                (known.MayFit(request) || serves < request.Count).ShouldBeTrue($"{request} on {all[cell]}");
            }
        }
    }

    private bool[] MayFit(GpuRequest request) => Array.ConvertAll(_pool.Cells, cell => cell.MayFit(request));

    private static RunningSession Running(string session, params SliceGrant[] slices) =>
        new(session, 1, QueueTerms.Default, slices, default);

    private static SliceGrant Slice(string host, int gpu, int percent = 100, bool whole = false)
    {
        var memory = TestGpus.Gpu(gpu).MemoryBytes;
        return new SliceGrant($"{host}/{gpu}/s", host, gpu, whole ? memory : memory * percent / 100, whole ? 100 : percent, whole);
    }
}
