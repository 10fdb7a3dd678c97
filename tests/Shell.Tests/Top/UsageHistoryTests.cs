using GpuActors.Shared.Api;
using GpuActors.Shell.Top;
using static GpuActors.Shell.Tests.Top.Looks;

namespace GpuActors.Shell.Tests.Top;

public sealed class UsageHistoryTests
{
    private static readonly SliceStatus One = Slice("a/0/s1", "acme/1");

    private readonly UsageHistory _history = new();

    [Fact]
    public void Rates_are_differences_over_the_time_between_two_reports()
    {
        Look(Usage(One, at: 10, busy: 3)).Rates.ShouldBeNull();

        var rates = Look(Usage(One, at: 12, busy: 4, throttled: 0.5, kernels: 300, bytesIn: 4096)).Rates.ShouldNotBeNull();

        rates.ShouldBe(new SliceRates(0.5, 0.5, 0.25, 150, 2048, 4096));
    }

    [Fact]
    public void A_look_without_a_newer_report_keeps_the_rates()
    {
        Look(Usage(One, at: 1, busy: 0));
        var rates = Look(Usage(One, at: 2, busy: 1)).Rates;

        Look(Usage(One, at: 2, busy: 1)).Rates.ShouldBe(rates);
        Look(Usage(One, at: 3, busy: 1)).Rates.ShouldNotBeNull().Busy.ShouldBe(0);
    }

    [Fact]
    public void A_sum_that_began_anew_counts_from_nothing()
    {
        Look(Usage(One, at: 1, busy: 50, kernels: 1_000));

        var rates = Look(Usage(One, at: 3, busy: 0.5, kernels: 10)).Rates.ShouldNotBeNull();

        (rates.Busy, rates.KernelsPerSecond).ShouldBe((0.25, 5));
    }

    [Fact]
    public void Another_session_and_another_epoch_begin_without_rates()
    {
        Look(Usage(One, at: 1, busy: 1));
        var next = Slice("a/0/s1", "globex/1");
        Row([next], Usage(next, at: 2, busy: 9)).Rates.ShouldBeNull();

        var again = Slice("a/0/s1", "globex/1", epoch: 2);
        Row([again], Usage(again, at: 3, busy: 0)).Rates.ShouldBeNull();
    }

    [Fact]
    public void A_session_that_has_ended_is_forgotten_and_no_stranger_gets_its_numbers()
    {
        Look(Usage(One, at: 1, busy: 1));
        _history.Add([Gpu("a/0")], []).ShouldHaveSingleItem().Slices.ShouldBeEmpty();

        Look(Usage(One, at: 9, busy: 5)).Rates.ShouldBeNull();
    }

    [Fact]
    public void A_slice_whose_worker_has_not_reported_has_no_numbers()
    {
        var row = Row([One]);

        (row.Usage, row.Rates).ShouldBe((null, null));
    }

    [Fact]
    public void Clocks_that_go_back_when_another_node_answers_give_no_rates()
    {
        Look(Usage(One, at: 5, busy: 1));

        Look(Usage(One, at: 4, busy: 2)).Rates.ShouldBeNull();
        Look(Usage(One, at: 6, busy: 3)).Rates.ShouldNotBeNull().Busy.ShouldBe(0.5);
    }

    [Fact]
    public void Gpus_are_in_order_of_host_and_index()
    {
        var ids = _history.Add([Gpu("b/0"), Gpu("a/10"), Gpu("a/2")], []).Select(rows => rows.Gpu.Id);

        ids.ShouldBe(["a/2", "a/10", "b/0"]);
    }

    [Fact]
    public void Shares_are_from_0_to_1_and_rates_never_negative() => Prop.ForAll<int, int, NonNegativeInt>((before, now, millis) =>
    {
        var rates = SliceRates.Between(
            Usage(One, 0, before, throttled: before, kernels: before, bytesIn: before),
            Usage(One, millis.Get / 1000.0, now, throttled: now, kernels: now, bytesIn: now));
        return rates is null
            ? millis.Get == 0
            : rates is { Busy: >= 0 and <= 1, Queued: >= 0 and <= 1, Throttled: >= 0 and <= 1, KernelsPerSecond: >= 0, BytesInPerSecond: >= 0 };
    }).QuickCheckThrowOnFailure();

    private SliceRow Look(SliceUsageStatus usage) => Row([One], usage);

    private SliceRow Row(SliceStatus[] slices, params SliceUsageStatus[] usage) =>
        _history.Add([Gpu("a/0", slices)], usage).ShouldHaveSingleItem().Slices.ShouldHaveSingleItem();
}
