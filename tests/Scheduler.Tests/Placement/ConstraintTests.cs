using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>Where tasks must and should go, several GPUs that belong together, and gangs.</summary>
public sealed class ConstraintTests
{
    private static readonly PlacementRequest Whole = new() { CpuMilli = 1000, GpuCount = 1, GpuMilli = 1000 };

    private readonly ClusterState _state = new();
    private readonly PlacementEngine _engine;

    public ConstraintTests()
    {
        _engine = new PlacementEngine(_state, new BestFitPolicy());
        Add("a1", "ra", 2);
        Add("a2", "ra", 2);
        Add("b1", "rb", 4, "tier=gold");
    }

    [Fact]
    public void A_host_is_named_by_its_name_its_rack_or_a_label()
    {
        Placed(With(Whole, Host("name=a2"))).ShouldBe("a2");
        Placed(With(Whole, Host("rack=rb"))).ShouldBe("b1");
        Placed(With(Whole, Host("tier=gold"))).ShouldBe("b1");
        Placed(With(Whole, Host("rack=ra", isNear: false))).ShouldBe("b1");
        Placed(With(Whole, Host("tier=silver"))).ShouldBeNull();
    }

    [Fact]
    public void What_should_be_gives_way_when_there_is_no_room()
    {
        var request = With(Whole, Host("name=a2", isMust: false));
        Enumerable.Range(0, 3).Select(_ => Placed(request)).ShouldBe(["a2", "a2", "a1"]);
    }

    [Fact]
    public void One_wish_more_that_is_met_outweighs_any_score()
    {
        var request = With(Whole, Host("rack=rb", isMust: false), Host("tier=gold", isMust: false));
        Placed(request).ShouldBe("b1", "best fit alone would take a host of two");
    }

    [Fact]
    public void Jobs_keep_apart_from_jobs_with_a_label_until_these_end()
    {
        var web = With(Whole, new PlacementTerm(TermSubject.Tasks, "app=web", IsNear: false, IsMust: true)) with
        {
            Labels = TaskLabels.Of("app=web"),
        };
        _engine.TryPlace(web, out var first).ShouldBeTrue();
        var hosts = new[] { _state.NameOf(first.Host), Placed(web), Placed(web) };
        hosts.ShouldBe(["a1", "a2", "b1"], ignoreOrder: true);
        Placed(web).ShouldBeNull();
        _engine.Release(first);
        Placed(web).ShouldBe(hosts[0]);
    }

    [Fact]
    public void Jobs_go_beside_jobs_with_a_label()
    {
        var beside = With(Whole, new PlacementTerm(TermSubject.Tasks, "app=db", IsNear: true, IsMust: true));
        Placed(beside).ShouldBeNull();
        Placed(With(Whole, Host("tier=gold")) with { Labels = TaskLabels.Of("app=db") }).ShouldBe("b1");
        Placed(beside).ShouldBe("b1");
    }

    [Fact]
    public void Avoided_hosts_are_taken_only_if_no_other_can()
    {
        var whole = _engine.Classes.Intern(With(Whole, Host("rack=ra")));
        _engine.TryChoose(whole, 0, [0], out var place).ShouldBeTrue();
        place.Host.ShouldBe(1);
        _engine.TryChoose(whole, 0, [0, 1], out place).ShouldBeTrue();
        place.Host.ShouldBe(0);
    }

    [Fact]
    public void Several_GPUs_come_from_one_group_and_from_the_tightest_that_has_enough()
    {
        var linked = new ClusterState();
        linked.AddHost(new HostSpec(64_000, 64, 8, "A") { Links = LinkGroups.Of([0, 0, 0, 1, 1, 2, 2, 2], []) });
        var engine = new PlacementEngine(linked, new BestFitPolicy());
        var two = Whole with { GpuCount = 2, Topology = Topology.NvLink };
        var three = Whole with { GpuCount = 3, Topology = Topology.NvLink };
        engine.TryPlace(two, out var placed).ShouldBeTrue();
        placed.Devices.ShouldBe(0b00011000UL, "the group of two");
        engine.TryPlace(two, out placed).ShouldBeTrue();
        placed.Devices.ShouldBe(0b00000011UL);
        engine.TryPlace(three, out placed).ShouldBeTrue();
        placed.Devices.ShouldBe(0b11100000UL);
        engine.TryPlace(two, out _).ShouldBeFalse("one idle GPU is left");
        engine.TryPlace(Whole, out placed).ShouldBeTrue();
        placed.Devices.ShouldBe(0b00000100UL);
    }

    [Fact]
    public void A_gang_gets_room_for_all_or_nothing()
    {
        var member = _engine.Classes.Intern(Whole with { GpuCount = 2 });
        var places = new PlacedTask[5];
        _engine.TryPlaceGang(member, 0, inOneRack: false, places).ShouldBeFalse();
        _state.GpuFreeMilli.ShouldBe(8000);
        _engine.TryPlaceGang(member, 0, inOneRack: false, places.AsSpan(0, 4)).ShouldBeTrue();
        _state.GpuFreeMilli.ShouldBe(0);
    }

    [Fact]
    public void A_gang_in_one_rack_takes_the_one_with_least_free_that_has_room()
    {
        var member = _engine.Classes.Intern(Whole with { GpuCount = 2 });
        var places = new PlacedTask[2];
        _engine.TryPlace(With(Whole, Host("name=a1")), out _).ShouldBeTrue();
        _engine.TryPlaceGang(member, 0, inOneRack: true, places).ShouldBeTrue();
        places.Select(place => _state.NameOf(place.Host)).ShouldBe(["b1", "b1"], "rack ra has two GPUs in one host only");
        _engine.TryPlaceGang(member, 0, inOneRack: true, places).ShouldBeFalse();
        _state.GpuFreeMilli.ShouldBe(3000);
    }

    [Fact]
    public void Gangs_are_placed_exactly_when_there_is_room_for_every_member() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 4).ListOf().Where(l => l.Count > 0)), Arb.From(Gen.Choose(1, 8)), (gpus, members) =>
        {
            var state = new ClusterState();
            gpus.ToList().ForEach(count => state.AddHost(new HostSpec(3000, 64, count, "A")));
            var engine = new PlacementEngine(state, new BestFitPolicy());
            var room = gpus.Sum(count => Math.Min(count, 3)); // one CPU each, three on a host
            var placed = engine.TryPlaceGang(engine.Classes.Intern(Whole), 0, inOneRack: false, new PlacedTask[members]);
            placed.ShouldBe(members <= room);
            (state.GpuMilli - state.GpuFreeMilli).ShouldBe(placed ? 1000 * members : 0);
        }).QuickCheckThrowOnFailure();

    private void Add(string name, string rack, int gpus, params string[] labels) => _state.AddHost(
        new HostSpec(32_000, 1024, gpus, "A") { Name = name, Rack = rack, Labels = labels });

    private string? Placed(PlacementRequest request) =>
        _engine.TryPlace(request, out var placed) ? _state.NameOf(placed.Host) : null;

    private static PlacementTerm Host(string label, bool isNear = true, bool isMust = true) =>
        new(TermSubject.Host, label, isNear, isMust);

    private static PlacementRequest With(PlacementRequest request, params PlacementTerm[] terms) =>
        request with { Terms = PlacementTerms.Of(terms) };
}
