using FsCheck;
using FsCheck.Fluent;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;
using Shouldly;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class CellPoolTests
{
    private static readonly PlacementRequest Whole = new() { GpuCount = 1, GpuMilli = 1000, CpuMilli = 1000 };

    [Fact]
    public void A_request_finds_the_one_cell_that_has_room()
    {
        var pool = Pool(cells: 8, hosts: 2, gpus: 2);
        for (var i = 0; i < 8 * 2 * 2; i++)
        {
            pool.TryPlace(Whole, out _).ShouldBeTrue($"after {i} of 32 GPUs");
        }

        pool.GpuFreeMilli.ShouldBe(0);
        pool.TryPlace(Whole, out _).ShouldBeFalse();
    }

    [Fact]
    public void Cells_fill_evenly()
    {
        var pool = Pool(cells: 10, hosts: 20, gpus: 8);
        for (var i = 0; i < 800; i++)
        {
            pool.TryPlace(Whole, out _).ShouldBeTrue();
        }

        var used = Enumerable.Range(0, 10).Select(cell => pool.EngineOf(cell).State)
            .Select(state => (state.GpuMilli - state.GpuFreeMilli) / 1000).ToArray();
        used.Sum().ShouldBe(800);
        used.ShouldAllBe(gpus => gpus >= 70 && gpus <= 90);
    }

    [Fact]
    public void A_model_is_looked_for_where_it_is()
    {
        var models = new ModelTable();
        var pool = new CellPool(new[] { "T4", "T4", "A100", "T4" }.Select(model => Engine(models, 4, 4, model)));
        for (var i = 0; i < 16; i++)
        {
            pool.TryPlace(Whole with { Models = ModelSet.Of("A100") }, out var placed).ShouldBeTrue();
            placed.Cell.ShouldBe(2);
        }

        pool.Asked.ShouldBe(16);
        pool.TryPlace(Whole with { Models = ModelSet.Of("A100") }, out _).ShouldBeFalse();
        pool.Asked.ShouldBe(16, "nobody is asked for what the summaries say is not there");
    }

    [Fact]
    public void A_cell_without_CPU_refuses_and_the_next_is_asked()
    {
        var models = new ModelTable();
        var poor = new ClusterState(models);
        poor.AddHost(new HostSpec(500, 1024, 4, "T4"));
        var pool = new CellPool([EngineOf(poor), Engine(models, 1, 1, "T4")]);

        pool.TryPlace(Whole, out var placed).ShouldBeTrue();

        placed.Cell.ShouldBe(1);
    }

    /// <summary>Whatever comes and goes, a summary kept up to date says the same as a new one, and rules out only what is full.</summary>
    [Fact]
    public void Summaries_stay_true() => Prop.ForAll(
        Gen.Choose(0, 5).ListOf(120).ToArbitrary(),
        steps =>
        {
            var pool = Pool(cells: 3, hosts: 3, gpus: 4);
            var running = new List<CellTask>();
            PlacementRequest[] kinds =
            [
                Whole, Whole with { GpuCount = 2 }, Whole with { GpuCount = 4 }, Whole with { GpuMilli = 300 },
                Whole with { GpuMilli = 810 },
            ];
            foreach (var step in steps)
            {
                if (step < kinds.Length)
                {
                    if (pool.TryPlace(kinds[step], out var placed))
                    {
                        running.Add(placed);
                        continue;
                    }

                    for (var cell = 0; cell < pool.CellCount; cell++)
                    {
                        var engine = pool.EngineOf(cell);
                        engine.TryChoose(engine.Classes.Intern(kinds[step]), 0, out _).ShouldBeFalse();
                    }
                }
                else if (running.Count > 0)
                {
                    pool.Release(running[^1]);
                    running.RemoveAt(running.Count - 1);
                }
            }

            pool.GpuFreeMilli.ShouldBe(pool.GpuMilli - running.Sum(task => task.Task.DemandMilli));
        }).QuickCheckThrowOnFailure();

    private static CellPool Pool(int cells, int hosts, int gpus)
    {
        var models = new ModelTable();
        return new CellPool(Enumerable.Range(0, cells).Select(_ => Engine(models, hosts, gpus, "A100")));
    }

    private static PlacementEngine Engine(ModelTable models, int hosts, int gpus, string model)
    {
        var state = new ClusterState(models);
        for (var host = 0; host < hosts; host++)
        {
            state.AddHost(new HostSpec(96_000, 393_216, gpus, model));
        }

        return EngineOf(state);
    }

    private static PlacementEngine EngineOf(ClusterState state) =>
        new(state, PlacementPolicies.Create("default", new PolicySettings(state)));
}
