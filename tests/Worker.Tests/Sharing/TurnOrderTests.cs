using GpuActors.Shared.Devices;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>Sharers with kernels of some length on a GPU that is only simulated: who gets how much of its time.</summary>
public sealed class TurnOrderTests
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.9)]
    [InlineData(7)]
    [InlineData(40)]
    public void Fixed_shares_of_50_and_25_percent_are_2_to_1_while_a_third_is_idle(double kernelMs)
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.FixedShare }, positions: 4);
        order.Add(0, new SharePart(50));
        order.Add(1, new SharePart(25));
        order.Add(2, new SharePart(25));
        var busy = Run(order, (0, kernelMs), (1, kernelMs));
        (busy[0] / busy[1]).ShouldBe(2, 0.2);
        (busy[0] / Span).ShouldBe(0.5, 0.05);
        (busy[1] / Span).ShouldBe(0.25, 0.03);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(7)]
    public void A_neighbour_with_endless_kernels_does_not_take_from_a_fixed_share(double kernelMs)
    {
        TimeSpan Mine(params (int, double)[] neighbours)
        {
            var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.FixedShare }, positions: 4);
            order.Add(0, new SharePart(0));
            order.Add(1, new SharePart(0));
            return Run(order, [(0, 0.3), .. neighbours])[0];
        }

        (Mine((1, kernelMs)) / Mine()).ShouldBe(1, 0.05);
    }

    [Fact]
    public void Under_equal_share_idle_time_is_lost_and_a_new_vGPU_changes_everybody_s_share()
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.EqualShare }, positions: 8);
        order.Add(0, new SharePart(0));
        order.Add(1, new SharePart(0));
        (Run(order, (0, 0.5))[0] / Span).ShouldBe(0.5, 0.02);
        order.Add(2, new SharePart(0));
        (Run(order, (0, 0.5))[0] / Span).ShouldBe(0.333, 0.02);
        order.Remove(1);
        order.Remove(2);
        (Run(order, (0, 0.5))[0] / Span).ShouldBe(1, 0.02);
    }

    [Fact]
    public void Under_best_effort_idle_time_is_used_by_others()
    {
        var order = new TurnOrder(new TimeSliceSettings(), positions: 4);
        order.Add(0, new SharePart(0));
        order.Add(1, new SharePart(0));
        order.Add(2, new SharePart(0));
        (Run(order, (0, 0.5))[0] / Span).ShouldBe(1, 0.01);
        var busy = Run(order, (0, 0.5), (2, 0.5));
        (busy[0] / busy[2]).ShouldBe(1, 0.02);
        ((busy[0] + busy[2]) / Span).ShouldBe(1, 0.01);
    }

    [Fact]
    public void Reservations_are_kept_and_what_nobody_uses_is_shared()
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.Weighted }, positions: 8);
        order.Add(0, new SharePart(50));
        order.Add(1, new SharePart(25));
        order.Add(2, new SharePart(25));
        var all = Run(order, (0, 0.7), (1, 3), (2, 0.2));
        (all[0] / all[1]).ShouldBe(2, 0.1);
        (all[1] / all[2]).ShouldBe(1, 0.05);
        var two = Run(order, (0, 0.7), (2, 0.7));
        (two[0] / Span).ShouldBe(0.625, 0.02); // 50 % and half of the 25 % of who is idle
        (two[2] / Span).ShouldBe(0.375, 0.02);
    }

    [Fact]
    public void Shares_divide_what_is_not_reserved_4_to_2_to_1()
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.Weighted }, positions: 8);
        order.Add(0, new SharePart(0, ShareLevel.High));
        order.Add(1, new SharePart(0, ShareLevel.Normal));
        order.Add(2, new SharePart(0, ShareLevel.Low));
        var all = Run(order, (0, 0.7), (1, 0.7), (2, 0.7));
        (all[0] / all[2]).ShouldBe(4, 0.1);
        (all[1] / all[2]).ShouldBe(2, 0.1);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(25)]
    public void A_limit_holds_although_nobody_else_wants_the_time(double kernelMs)
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.Weighted }, positions: 8);
        order.Add(0, new SharePart(10, LimitPercent: 30));
        order.Add(1, new SharePart(10));
        (Run(order, (0, kernelMs))[0] / Span).ShouldBe(0.3, 0.01);
    }

    [Fact]
    public void Who_was_idle_has_saved_nothing()
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.Weighted }, positions: 8);
        order.Add(0, new SharePart(50));
        order.Add(1, new SharePart(50));
        Run(order, (0, 0.5));
        var both = Run(order, (0, 0.5), (1, 0.5));
        (both[0] / both[1]).ShouldBe(1, 0.02);
    }

    [Fact]
    public void Overruns_are_made_up_for_in_strict_round_robin()
    {
        var order = new TurnOrder(new TimeSliceSettings { Policy = SharePolicy.EqualShare }, positions: 4);
        order.Add(0, new SharePart(0));
        order.Add(1, new SharePart(0));
        var busy = Run(order, (0, 30), (1, 0.4));
        (busy[0] / busy[1]).ShouldBe(1, 0.1);
    }

    [Theory]
    [InlineData(8, 1000.0 / 480)]
    [InlineData(9, 1000.0 / 960)]
    public void Turns_are_as_long_as_the_table_says(int positions, double ms) =>
        new TimeSliceSettings { Policy = SharePolicy.EqualShare }.SliceFor(positions).TotalMilliseconds.ShouldBe(ms, 1e-3);

    [Fact]
    public void Settings_beyond_their_range_are_clamped()
    {
        var strict = new TimeSliceSettings { Policy = SharePolicy.FixedShare, FrequencyHz = 1 };
        strict.SliceFor(4).TotalMilliseconds.ShouldBe(15.873, 1e-3);
        (strict with { StrictRoundRobin = false, Slice = TimeSpan.FromSeconds(1) }).SliceFor(4)
            .ShouldBe(TimeSpan.FromMilliseconds(30));
    }

    [Theory]
    [InlineData(0x00u, SharePolicy.BestEffort, true)]
    [InlineData(0x01u, SharePolicy.EqualShare, true)]
    [InlineData(0x11u, SharePolicy.FixedShare, true)]
    [InlineData(0x00030003u, SharePolicy.EqualShare, false)]
    [InlineData(0x00180013u, SharePolicy.FixedShare, false)]
    public void The_driver_s_registry_values_are_read(uint value, SharePolicy policy, bool strict)
    {
        var settings = TimeSliceSettings.FromRegistry(value);
        (settings.Policy, settings.StrictRoundRobin).ShouldBe((policy, strict));
    }

    [Fact]
    public void Registry_values_carry_factor_frequency_and_slice()
    {
        var strict = TimeSliceSettings.FromRegistry(0x1E1E0001); // factor 30, 480 Hz
        (strict.AveragingFactor, strict.FrequencyHz).ShouldBe((30, 0x1E0));
        TimeSliceSettings.FromRegistry(0x00030003).Slice.ShouldBe(TimeSpan.FromMilliseconds(3));
        Should.Throw<ArgumentException>(() => TimeSliceSettings.FromRegistry(0x55)).Message.ShouldContain("RmPVMRL");
    }

    /// <summary>
    /// Each sharer launches one kernel after the other; a kernel that has begun runs to its end. Returns how long the
    /// GPU worked for each.
    /// </summary>
    private static Dictionary<int, TimeSpan> Run(TurnOrder order, params (int Slot, double KernelMs)[] workers)
    {
        var kernels = workers.ToDictionary(worker => worker.Slot, worker => TimeSpan.FromMilliseconds(worker.KernelMs));
        var busy = workers.ToDictionary(worker => worker.Slot, _ => TimeSpan.Zero);
        foreach (var slot in Enumerable.Range(0, 8))
        {
            order.SetWork(slot, kernels.ContainsKey(slot));
        }

        for (var now = TimeSpan.Zero; now < Span;)
        {
            var turn = order.Next(now) ?? throw new InvalidOperationException("Somebody has work.");
            var used = turn.Length == TimeSpan.MaxValue ? TimeSpan.FromMilliseconds(1) : turn.Length;
            if (kernels.TryGetValue(turn.Slot, out var kernel))
            {
                used = kernel * Math.Max(1, Math.Ceiling(used / kernel));
                busy[turn.Slot] += used;
            }

            now += used;
            order.Ended(turn, used, now);
        }

        return busy;
    }
}
