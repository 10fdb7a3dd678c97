using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies.Learned;
using GpuActors.Scheduler.Placement.Requests;
using Shouldly;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>Small mixes of arrivals for which it can be said by hand what a rest is worth.</summary>
public sealed class PatternValuesTests
{
    private const int Steps = 2000;

    [Fact]
    public void A_rest_that_nobody_can_use_is_worth_nothing()
    {
        var values = Learn((810, 1), (1000, 1));

        values[PatternValues.IndexOf(190)].ShouldBeLessThan(5);
        values[PatternValues.IndexOf(810)].ShouldBeGreaterThan(950, "a share of 810 costs a whole GPU");
        values[PatternValues.IndexOf(1000)].ShouldBe(1000, 0.001);
    }

    [Fact]
    public void Halves_are_worth_half()
    {
        var values = Learn((500, 1));

        values[PatternValues.IndexOf(500)].ShouldBe(500, 15);
        values[PatternValues.IndexOf(490)].ShouldBe(0, 0.001);
        values[PatternValues.IndexOf(990)].ShouldBe(values[PatternValues.IndexOf(500)], 0.001);
    }

    /// <summary>
    /// 700 and 300 make a whole GPU; where both come equally often, both rests are worth having, and together as much as
    /// the whole. Where only 700 comes, 300 free is waste.
    /// </summary>
    [Fact]
    public void A_rest_is_worth_what_those_who_come_can_make_of_it()
    {
        var both = Learn((700, 1), (300, 1));
        var one = Learn((700, 1), (300, 0.001));

        (both[PatternValues.IndexOf(700)] + both[PatternValues.IndexOf(300)]).ShouldBe(1000, 60);
        both[PatternValues.IndexOf(300)].ShouldBeGreaterThan(100);
        one[PatternValues.IndexOf(300)].ShouldBeLessThan(10);
    }

    private static double[] Learn(params (int Milli, double Share)[] sizes)
    {
        var state = new ClusterState();
        state.AddHost(new HostSpec(96_000, 393_216, 8, "A100"));
        var classes = new RequestClasses(state.Models);
        var mix = new ArrivalMix(state.HostShapes);
        foreach (var (milli, share) in sizes)
        {
            var request = classes.Intern(new PlacementRequest { GpuCount = 1, GpuMilli = milli });
            for (var i = 0; i < 1000 * share; i++)
            {
                mix.Add(request);
            }
        }

        var patterns = new PatternValues();
        for (var i = 0; i < Steps; i++)
        {
            patterns.Learn(mix);
        }

        return patterns.Values.ToArray();
    }
}
