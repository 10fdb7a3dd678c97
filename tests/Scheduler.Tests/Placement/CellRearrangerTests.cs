using System.Text.Json;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>What could move in a live cell so that a job finds room; nothing is moved.</summary>
public sealed class CellRearrangerTests
{
    private static readonly HashSet<string> Nowhere = [];
    private static readonly GpuRequest Whole = new() { Whole = true };
    private readonly CellState _cell = new(GpuModels.BuiltIn);
    private readonly CellEngine _engine;

    public CellRearrangerTests()
    {
        _engine = new CellEngine(_cell, "best-fit");
        Join("a");
        Join("b");
    }

    [Fact]
    public void The_cheapest_that_has_room_elsewhere_would_move()
    {
        Place("t/big", "a", 50);
        Place("u/small", "b", 30);

        var why = Explain("t/waits", Whole);

        why.Moves.ShouldHaveSingleItem().ShouldBe(new(null, "b/0", "a/0"), "it is another tenant's");
        why.Help[0].ShouldBe("It would fit if a job of another tenant moved from GPU b/0 to a/0.");
        Explain("u/waits", Whole).Help[0].ShouldBe("It would fit if job 'small' moved from GPU b/0 to a/0.");
    }

    [Fact]
    public void Two_of_one_host_would_move_where_one_is_not_enough()
    {
        Join("c");
        Place("t/1", "a", 20);
        Place("t/2", "a", 20);
        Place("t/3", "b", 75);
        Place("t/4", "c", 75);

        Explain("t/waits", Whole).Moves!.Select(move => (move.Job, move.From, move.To))
            .ShouldBe([("1", "a/0", "b/0"), ("2", "a/0", "c/0")]);
    }

    [Fact]
    public void Nothing_is_proposed_where_no_two_moves_make_room()
    {
        Place("t/1", "a", 60);
        Place("t/2", "b", 60);

        var why = Explain("t/waits", Whole);

        (why.Moves!.Length, why.Help[0]).ShouldBe((0, "It would fit if nothing else ran: it waits for others to end."));
    }

    [Fact]
    public void Nobody_moves_for_a_smaller_one()
    {
        Place("t/1", "a", 60);
        Place("t/2", "b", 60);

        Explain("t/waits", Part(50)).Moves.ShouldBeEmpty();
    }

    [Fact]
    public void A_proposal_changes_nothing_and_works_when_it_is_carried_out()
    {
        Place("t/big", "a", 50);
        Place("u/small", "b", 30);
        var before = JsonSerializer.Serialize(_cell.Snapshot());

        var moves = new CellRearranger(_cell, _engine).Propose(Whole, HostNeeds.Nothing);

        JsonSerializer.Serialize(_cell.Snapshot()).ShouldBe(before);
        _engine.Decide(Whole, Nowhere).Fits.ShouldBeFalse();
        foreach (var move in moves)
        {
            var epoch = _cell.Reservations[move.Session].Epoch;
            _cell.Release(move.Session, epoch, out _).ShouldBeTrue();
            _cell.Reserve(move.Session, epoch + 100, [move.To], default);
        }

        _engine.Decide(Whole, Nowhere).Slices.ShouldHaveSingleItem().Host.ShouldBe("b");
    }

    private void Join(string host) =>
        _cell.HostUp(host, [TestGpus.Gpu(0, modes: [GpuMode.Passthrough, GpuMode.Shared])]);

    private PlacementExplained Explain(string session, GpuRequest request) =>
        CellExplainer.Explain(_cell, _engine, new ExplainPlacement(session, request));

    private static GpuRequest Part(int percent) => new() { ComputePercent = percent, MemoryPercent = percent };

    private void Place(string session, string host, int percent)
    {
        var others = _cell.Hosts.Keys.Where(other => other != host).Select(other => $"{other}/0").ToArray();
        var slices = _engine.Decide(Part(percent), Nowhere, others).Slices;
        slices.ShouldHaveSingleItem().Host.ShouldBe(host);
        _cell.Reserve(session, _cell.LastEpoch + 1, slices, default);
    }
}
