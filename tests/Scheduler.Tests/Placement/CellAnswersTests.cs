using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class CellAnswersTests
{
    [Fact]
    public void Refusals_add_their_counts_up_and_room_in_one_would_do()
    {
        var merged = CellAnswers.Merge(
            [
                new NoRoom("t/j", "-", false, null, [new(2, "host(s) not available"), new(3, "GPU(s) in use")]),
                new NoRoom("t/j", "-", true, "p~1", [new(4, "GPU(s) in use")]),
            ],
            "p");
        merged.Reason.ShouldBe("No room: 2 host(s) not available; 7 GPU(s) in use.");
        merged.CouldFit.ShouldBeTrue();
    }

    [Fact]
    public void One_cells_refusal_stays_as_it_is()
    {
        var only = new NoRoom("t/j", "No room: 1 of it.", true);
        CellAnswers.Merge([only], "p").ShouldBeSameAs(only);
    }

    [Fact]
    public void Where_no_cell_has_a_host_that_is_said() => CellAnswers.Merge(
        [new NoRoom("t/j", "-", false, null, []), new NoRoom("t/j", "-", false, "p~1", [])], "p")
        .Reason.ShouldBe("No host with a GPU has joined pool 'p' yet.");

    [Fact]
    public void A_host_that_two_cells_tell_of_is_as_its_own_says()
    {
        var merged = CellAnswers.Merge(
        [
            new CellInventory([Device("a", false, 1)], [], [Host("a", false)]),
            new CellInventory([Device("a", true, 65), Device("b", true)], [], [Host("a", true), Host("b", true)], "p~1"),
        ]);
        merged.Devices.Select(device => (device.Host, device.Available)).ShouldBe([("a", true), ("b", true)]);
        merged.Devices[0].Slices.Select(slice => slice.Epoch).ShouldBe([1, 65]);
        merged.Hosts!.Select(host => (host.Host, host.Available)).ShouldBe([("a", true), ("b", true)]);
    }

    [Fact]
    public void An_explanation_is_the_word_of_the_cell_that_has_the_session_or_room_for_it()
    {
        var (owner, room) = (Explained("Owns", isOwner: true), Explained("Room"));
        var refused = Explained("No", help: ["It would fit if nothing else ran: it waits for others to end."]);
        CellAnswers.Merge([refused, room, owner], "p").ShouldBeSameAs(owner);
        CellAnswers.Merge([refused, room], "p").ShouldBeSameAs(room);
    }

    [Fact]
    public void What_no_host_could_ever_take_is_said_only_if_that_holds_in_every_cell()
    {
        const string never = "No host here could ever take it.", waits = "It waits for others to end.", less = "With less.";
        var could = Explained("a", true, [less, waits]) with { Reasons = [new(1, "x")] };
        var never1 = Explained("b", false, [less, never]) with { Reasons = [new(2, "x"), new(1, "y")] };
        var merged = CellAnswers.Merge([never1, could], "p");
        merged.Help.ShouldBe([less, waits]);
        merged.Summary.ShouldBe("No room: 3 x; 1 y.");
        CellAnswers.Merge([never1, never1], "p").Help.ShouldBe([less, never]);
    }

    private static PlacementExplained Explained(
        string summary, bool couldFit = true, string[]? help = null, bool isOwner = false) =>
        new(summary, null, [], help ?? [], null, couldFit, isOwner);

    private static DeviceUse Device(string host, bool available, params long[] epochs) => new(
        host,
        TestGpus.Gpu(0),
        available,
        [.. epochs.Select(epoch => new OwnedSlice(
            new SliceGrant($"{host}/0/{epoch}", host, 0, 1, 1, false), "t/j", epoch, default))]);

    private static HostUse Host(string name, bool available) => new(name, HostInventory.Unknown, available, 0, 0);
}
