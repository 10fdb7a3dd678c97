using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>
/// The openb trace without random numbers: hosts ranked and tasks tried in the order of the files, each at once or never.
/// Expected: what an independent simulator, which reproduces the published results, places.
/// </summary>
public sealed class PublishedCheckTests
{
    private const int CapacityMilli = 6_212_000;
    private const double Inflation = 1.3;

    [Theory]
    [InlineData("default", "clustering", 7489, 5_502_550, 7996, 5_519_080)]
    [InlineData("default", "packing", 7538, 5_541_790, 8046, 5_558_590)]
    [InlineData("gpuspec33", "clustering", 6816, 4_950_050, 8015, 5_557_840)]
    [InlineData("gpuspec33", "packing", 6904, 5_016_080, 8164, 5_668_270)]
    public void Policies_of_whole_numbers_place_exactly_what_they_should(
        string trace, string policy, int placedOnce, int milliOnce, int placedCycled, int milliCycled)
    {
        Replay(trace, policy, cycled: false).ShouldBe((placedOnce, milliOnce));
        Replay(trace, policy, cycled: true).ShouldBe((placedCycled, milliCycled));
    }

    [Theory]
    [InlineData("default", "dot-prod", 5_417_520, 5_435_280)]
    [InlineData("default", "best-fit", 5_685_920, 5_702_450)]
    [InlineData("default", "fgd", 5_857_560, 5_874_730)]
    [InlineData("gpuspec33", "dot-prod", 4_868_450, 5_447_650)]
    [InlineData("gpuspec33", "best-fit", 4_896_840, 5_757_780)]
    [InlineData("gpuspec33", "fgd", 5_325_730, 5_862_230)]
    public void Policies_of_fractions_allocate_what_they_should_within_a_tenth_of_a_point(
        string trace, string policy, int milliOnce, int milliCycled)
    {
        const int Tolerance = CapacityMilli / 1000;
        ((double)Replay(trace, policy, cycled: false).Milli).ShouldBe(milliOnce, Tolerance);
        ((double)Replay(trace, policy, cycled: true).Milli).ShouldBe(milliCycled, Tolerance);
    }

    [Theory]
    [InlineData("default", 10891)]
    [InlineData("gpuspec33", 10891)]
    public void The_cycled_list_ends_where_demand_would_pass_its_bound(string trace, int count) =>
        Cycled(Requests(trace)).Count().ShouldBe(count);

    private static (int Placed, int Milli) Replay(string trace, string policy, bool cycled)
    {
        var requests = Requests(trace);
        var state = new ClusterState();
        foreach (var node in OpenbFiles.Nodes)
        {
            state.AddHost(node.Spec);
        }

        state.GpuMilli.ShouldBe(CapacityMilli);
        var settings = new PolicySettings(state) { Target = TargetWorkload.Of(requests) };
        var engine = new PlacementEngine(state, PlacementPolicies.Create(policy, settings));
        var placed = (cycled ? Cycled(requests) : requests).Count(request => engine.TryPlace(request, out _));
        return (placed, (int)(state.GpuMilli - state.GpuFreeMilli));
    }

    private static PlacementRequest[] Requests(string trace) => [.. OpenbFiles.Tasks(trace).Select(task => task.Request)];

    /// <summary>The file again and again until one more would pass 1.3 of the capacity.</summary>
    private static IEnumerable<PlacementRequest> Cycled(PlacementRequest[] requests)
    {
        var sum = 0L;
        for (var i = 0; ; i++)
        {
            var request = requests[i % requests.Length];
            if (sum + request.GpuMilli > Inflation * CapacityMilli)
            {
                yield break;
            }

            sum += request.DemandMilli;
            yield return request;
        }
    }
}
