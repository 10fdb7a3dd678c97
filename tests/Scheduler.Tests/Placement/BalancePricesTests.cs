using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies.Learned;
using GpuActors.Scheduler.Placement.Requests;
using Shouldly;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class BalancePricesTests
{
    private readonly ClusterState _state = new();

    [Fact]
    public void A_model_that_many_insist_on_is_dear_for_those_who_do_not()
    {
        Hosts(10, "T4");
        Hosts(90, "A100");
        var prices = Learn((One("T4"), 20), (One(), 80)); // a tenth of the GPUs, a fifth of the demand

        prices.Gpu[0].ShouldBeGreaterThan(1);
        prices.Gpu[1].ShouldBe(0);
    }

    [Fact]
    public void Where_nobody_insists_nothing_is_dear()
    {
        Hosts(10, "T4");
        Hosts(90, "A100");
        var prices = Learn((One(), 100));

        prices.Gpu[0].ShouldBe(0, 0.01);
        prices.Gpu[1].ShouldBe(0, 0.01);
    }

    [Fact]
    public void Those_who_need_much_CPU_are_drawn_to_hosts_that_have_it()
    {
        Hosts(50, "A100", cpuMilli: 160_000);
        Hosts(50, "A100", cpuMilli: 32_000);
        var prices = Learn((One(cpuMilli: 18_000), 50), (One(cpuMilli: 2_000), 50));

        prices.Cpu[1].ShouldBeGreaterThan(prices.Cpu[0]);
        Cost(prices, 0, 18_000).ShouldBeLessThan(Cost(prices, 1, 18_000));
        Cost(prices, 1, 2_000).ShouldBeLessThan(Cost(prices, 0, 2_000));
        prices.CpuPerGpu[0].ShouldBeGreaterThan(prices.CpuPerGpu[1]);
    }

    private static double Cost(BalancePrices prices, int shape, int cpuMilli) =>
        BalancePrices.Cost(prices.Gpu[shape], prices.Cpu[shape], 1000, cpuMilli);

    private static PlacementRequest One(string? model = null, int cpuMilli = 4_000) => new()
    {
        GpuCount = 1, GpuMilli = 1000, CpuMilli = cpuMilli, Models = model is null ? ModelSet.Any : ModelSet.Of(model),
    };

    private void Hosts(int count, string model, int cpuMilli = 96_000)
    {
        for (var i = 0; i < count; i++)
        {
            _state.AddHost(new HostSpec(cpuMilli, 393_216, 8, model));
        }
    }

    private BalancePrices Learn(params (PlacementRequest Request, int Count)[] arrivals)
    {
        var classes = new RequestClasses(_state.Models);
        var mix = new ArrivalMix(_state.HostShapes);
        foreach (var (request, count) in arrivals)
        {
            for (var i = 0; i < count; i++)
            {
                mix.Add(classes.Intern(request));
            }
        }

        var prices = new BalancePrices(_state.HostShapes);
        for (var i = 0; i < 2000; i++)
        {
            prices.Learn(mix);
        }

        return prices;
    }
}
