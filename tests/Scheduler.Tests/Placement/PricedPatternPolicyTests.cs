using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Policies.Learned;
using GpuActors.Scheduler.Placement.Requests;
using Shouldly;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class PricedPatternPolicyTests
{
    [Fact]
    public void Before_it_has_learned_shares_fill_GPUs_that_are_begun()
    {
        var engine = Engine(hosts: 3, gpus: 2, out var state);
        var share = new PlacementRequest { GpuCount = 1, GpuMilli = 400, CpuMilli = 1000 };
        for (var i = 0; i < 4; i++)
        {
            engine.TryPlace(share, out _).ShouldBeTrue();
        }

        state.GpuCount.ShouldBe(6);
        state.View(0).GpuFreeMilli.ToArray().ShouldBe(new short[] { 200, 200 });
    }

    [Fact]
    public void Shares_that_fit_together_come_together()
    {
        var engine = Engine(hosts: 40, gpus: 2, out var state);
        PlacementRequest[] shares = [.. new[] { 700, 300, 550, 450 }.Select(milli =>
            new PlacementRequest { GpuCount = 1, GpuMilli = milli, CpuMilli = 100 })];
        Teach(engine, shares, rounds: 500);
        foreach (var share in new[] { 0, 2, 1, 3 })
        {
            engine.TryPlace(shares[share], out _).ShouldBeTrue();
        }

        state.View(0).GpuFreeMilli.ToArray().ShouldBe(new short[] { 0, 0 });
    }

    [Fact]
    public void A_scarce_model_is_kept_for_those_who_need_it()
    {
        var state = new ClusterState();
        state.AddHost(new HostSpec(96_000, 393_216, 8, "T4"));
        for (var i = 0; i < 9; i++)
        {
            state.AddHost(new HostSpec(96_000, 393_216, 8, "A100"));
        }

        var engine = new PlacementEngine(state, new PricedPatternPolicy(state.HostShapes));
        var any = new PlacementRequest { GpuCount = 1, GpuMilli = 1000, CpuMilli = 4000 };
        var t4 = any with { Models = ModelSet.Of("T4") };
        Teach(engine, [any, any, any, t4], rounds: 200);
        for (var i = 0; i < 72; i++)
        {
            engine.TryPlace(any, out var placed).ShouldBeTrue();
            placed.Host.ShouldNotBe(0, $"after {i} of 72");
        }

        engine.TryPlace(any, out var last).ShouldBeTrue("it is kept, but not refused");
        last.Host.ShouldBe(0);
    }

    [Fact]
    public void What_came_long_ago_is_forgotten()
    {
        var state = new ClusterState();
        state.AddHost(new HostSpec(96_000, 393_216, 8, "A100"));
        var classes = new RequestClasses(state.Models);
        var mix = new ArrivalMix(state.HostShapes);
        for (var i = 0; i < 3 * ArrivalMix.ClassLimit; i++)
        {
            mix.Add(classes.Intern(new PlacementRequest { GpuCount = 1, GpuMilli = 1000, CpuMilli = i }));
        }

        mix.Count.ShouldBeLessThanOrEqualTo(ArrivalMix.ClassLimit);
        var often = classes.Intern(new PlacementRequest { GpuCount = 1, GpuMilli = 500 });
        for (var i = 0; i < 1_000_000; i++)
        {
            mix.Add(often);
        }

        mix.Count.ShouldBe(1);
        mix.Total.ShouldBeLessThan(50_001);
    }

    private static PlacementEngine Engine(int hosts, int gpus, out ClusterState state)
    {
        state = new ClusterState();
        for (var i = 0; i < hosts; i++)
        {
            state.AddHost(new HostSpec(96_000, 393_216, gpus, "A100"));
        }

        return new PlacementEngine(state, new PricedPatternPolicy(state.HostShapes));
    }

    private static void Teach(PlacementEngine engine, PlacementRequest[] arrivals, int rounds)
    {
        for (var i = 0; i < rounds * arrivals.Length; i++)
        {
            engine.Observe(engine.Classes.Intern(arrivals[i % arrivals.Length]));
        }
    }
}
