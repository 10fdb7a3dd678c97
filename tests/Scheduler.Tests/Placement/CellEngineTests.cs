using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class CellEngineTests
{
    private const long Gib = 1L << 30;
    private static readonly HashSet<string> Nowhere = [];
    private readonly CellState _cell = new(GpuModels.BuiltIn);
    private readonly CellEngine _engine;

    public CellEngineTests() => _engine = new CellEngine(_cell, "best-fit");

    [Fact]
    public void A_fraction_goes_to_the_started_device_so_that_empty_ones_stay_whole()
    {
        _cell.HostUp("a", Gpus(2));
        Place("one", Fraction(2 * Gib, 25));
        Place("two", Fraction(2 * Gib, 25))[0].GpuIndex.ShouldBe(_cell.Reservations["one"].Slices[0].GpuIndex);
    }

    [Fact]
    public void A_whole_device_is_given_only_when_it_is_empty_and_then_to_nobody_else()
    {
        _cell.HostUp("a", Gpus(1));
        Place("whole", Whole(1));
        var decision = _engine.Decide(Fraction(Gib, 1), Nowhere);
        decision.Fits.ShouldBeFalse();
        decision.Refusal.ShouldNotBeNull().ShouldContain("in another mode (passthrough) until they are empty");
        _cell.Release("whole", 1, out _).ShouldBeTrue();
        Place("fraction", Fraction(Gib, 1));
        _engine.Decide(Whole(1), Nowhere).Refusal.ShouldNotBeNull().ShouldContain("in use");
    }

    [Fact]
    public void Several_devices_are_all_different_and_on_one_host()
    {
        _cell.HostUp("small", Gpus(1));
        _cell.HostUp("big", Gpus(4));
        var slices = Place("gang", Whole(3));
        slices.Select(s => s.Host).Distinct().ShouldBe(["big"]);
        slices.Select(s => s.GpuIndex).Distinct().Count().ShouldBe(3);
        _engine.Decide(Whole(2), Nowhere).Refusal.ShouldNotBeNull().ShouldContain("of the 2 GPUs asked for");
    }

    [Fact]
    public void Reservations_of_a_host_that_comes_back_still_count()
    {
        _cell.HostUp("a", Gpus(1));
        Place("first", Fraction(8 * Gib, 50));
        _cell.HostUnavailable("a");
        _cell.HostUp("a", Gpus(1));
        _cell.Hosts["a"][0].MemoryFree.ShouldBe(8 * Gib);
        _cell.Hosts["a"][0].ComputeFree.ShouldBe(50);
    }

    [Fact]
    public void A_host_where_an_attempt_died_is_used_only_if_nothing_else_fits()
    {
        _cell.HostUp("a", Gpus(1));
        _cell.HostUp("b", Gpus(1));
        var avoid = new HashSet<string> { "a" };
        _engine.Decide(Whole(1), avoid).Slices[0].Host.ShouldBe("b");
        _cell.HostUnavailable("b");
        _engine.Decide(Whole(1), avoid).Slices[0].Host.ShouldBe("a");
    }

    [Fact]
    public void A_refusal_counts_each_reason()
    {
        _cell.HostUp("a", Gpus(2));
        _cell.HostUp("b", Gpus(1));
        _cell.HostUnavailable("b");
        var refusal = _engine.Decide(Fraction(64 * Gib, 10), Nowhere).Refusal.ShouldNotBeNull();
        refusal.ShouldContain("1 host(s) not available");
        refusal.ShouldContain("2 GPU(s) with less memory than asked for");
        _engine.Decide(Whole(1) with { Model = "H100*" }, Nowhere).Refusal.ShouldNotBeNull().ShouldContain("H100*");
    }

    [Fact]
    public void Capacity_is_never_given_twice_whatever_comes_and_goes() =>
        Prop.ForAll(Gen.Choose(0, 9).ArrayOf(200).ToArbitrary(), Churn).QuickCheckThrowOnFailure();

    private static bool Churn(int[] moves)
    {
        var cell = new CellState(GpuModels.BuiltIn);
        var engine = new CellEngine(cell, "best-fit");
        cell.HostUp("a", Gpus(2));
        cell.HostUp("b", Gpus(1));
        var next = 0;
        foreach (var move in moves)
        {
            if (move < 6)
            {
                var demand = move == 0 ? Whole(1) : Fraction(move * 3 * Gib, move * 15);
                var decision = engine.Decide(demand, Nowhere);
                if (decision.Fits)
                {
                    cell.Reserve($"s{next++}", cell.LastEpoch + 1, decision.Slices, default);
                }
            }
            else if (move < 9 && cell.Reservations.Count > 0)
            {
                var (session, reservation) = cell.Reservations.ElementAt(move % cell.Reservations.Count);
                cell.Release(session, reservation.Epoch, out _);
            }
            else
            {
                cell.HostUp("b", Gpus(1));
            }

            if (!Consistent(cell))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Consistent(CellState cell) => cell.Hosts.Values.SelectMany(gpus => gpus).All(gpu =>
    {
        var slices = cell.Reservations.Values.SelectMany(r => r.Slices)
            .Where(s => s.Host == gpu.Host && s.GpuIndex == gpu.Inventory.Index).ToArray();
        return slices.Sum(s => s.MemoryBytes) <= gpu.Inventory.MemoryBytes
            && slices.Sum(s => s.ComputePercent) <= 100
            && slices.Select(s => s.Name).Distinct().Count() == slices.Length
            && (slices.Length == 1 || !Array.Exists(slices, s => s.Whole));
    });

    private SliceGrant[] Place(string session, GpuRequest demand)
    {
        var decision = _engine.Decide(demand, Nowhere);
        decision.Refusal.ShouldBeNull();
        _cell.Reserve(session, _cell.LastEpoch + 1, decision.Slices, default);
        return decision.Slices;
    }

    private static GpuInventory[] Gpus(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new GpuInventory(i, "A100", "NVIDIA", "1", "gpu", 16 * Gib, 8))];

    private static GpuRequest Fraction(long memory, int compute) => new() { MemoryBytes = memory, ComputePercent = compute };

    private static GpuRequest Whole(int count) => new() { Whole = true, Count = count };
}
