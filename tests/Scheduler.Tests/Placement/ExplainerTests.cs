using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Explaining;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>What a person reads who asks why a request finds no room.</summary>
public sealed class ExplainerTests
{
    private static readonly PlacementRequest Whole = new() { CpuMilli = 4000, HostMemoryMib = 1024, GpuCount = 1, GpuMilli = 1000 };

    private readonly ClusterState _state = new();
    private readonly PlacementEngine _engine;

    public ExplainerTests() => _engine = new PlacementEngine(_state, new BestFitPolicy());

    [Fact]
    public void Every_reason_is_counted_with_its_hosts()
    {
        Add(3, 32, 8, 2, "A");
        Add(2, 32, 8, 2, "B");
        Add(1, 2, 8, 2, "A");
        Fill(Whole with { GpuCount = 2, Models = ModelSet.Of("A") });
        var why = Explain(Whole with { Models = ModelSet.Of("A") });
        why.Sentence().ShouldBe(
            "No room: 2 hosts: another model; 1 host: too little CPU even when empty; 3 hosts: too little GPU free.");
        why.Help.ShouldBe(
        [
            "2 hosts would take it if B were allowed, too.",
            "It would fit with 2 CPU instead of 4 CPU (2 CPU less CPU).",
            "It would fit on 3 hosts if nothing else ran there: it waits for others to end.",
        ]);
    }

    [Fact]
    public void Each_term_is_counted_by_itself_and_said_to_help_if_it_alone_is_in_the_way()
    {
        Add(2, 32, 8, 2, "A", "r1");
        Add(1, 32, 8, 2, "A", "r2");
        Fill(Whole with { GpuCount = 2, Terms = PlacementTerms.Of(new PlacementTerm(TermSubject.Host, "rack=r2", true, true)) });
        var why = Explain(Whole with { Terms = PlacementTerms.Of(new PlacementTerm(TermSubject.Host, "rack=r2", true, true)) });
        why.Sentence().ShouldBe("No room: 2 hosts: 'must' on hosts with rack=r2; 1 host: too little GPU free.");
        why.Help.ShouldContain("2 hosts would take it without 'must' on hosts with rack=r2.");
    }

    [Fact]
    public void Less_of_one_thing_is_proposed_where_that_alone_is_short()
    {
        Add(1, 32, 8, 4, "A");
        Fill(Whole with { GpuMilli = 600 }, times: 4);
        Explain(Whole with { GpuMilli = 500 }).Help.ShouldContain("It would fit with 40 % of a GPU instead of 50 % of a GPU (10 % of a GPU less GPU).");
        Explain(Whole with { GpuMilli = 400, HostMemoryMib = 6 * 1024 }).Help
            .ShouldContain("It would fit with 4 GiB instead of 6 GiB (2 GiB less host memory).");
    }

    [Fact]
    public void What_no_host_could_ever_take_asks_for_a_host_that_could()
    {
        Add(1, 32, 8, 4, "A");
        Explain(Whole with { GpuCount = 8, CpuMilli = 64_000, Models = ModelSet.Of("H100") }).Help
            .ShouldBe(["A host must join that has 8 GPU(s) of model H100, 64 CPU and 1 GiB."]);
        Explain(Whole, new ClusterState()).Sentence().ShouldBe("There are no hosts.");
    }

    [Fact]
    public void Hosts_that_are_closed_and_GPUs_that_do_not_belong_together_are_told_apart()
    {
        _state.AddHost(new HostSpec(32_000, 8192, 4, "A") { Links = LinkGroups.Of([0, 0, 1, 1], []) });
        Add(1, 32, 8, 4, "A");
        _state.SetOpen(1, false);
        var why = Explain(Whole with { GpuCount = 3, Topology = Topology.NvLink });
        why.Sentence().ShouldBe("No room: 1 host: not available; 1 host: GPUs that fit don't belong together.");
        why.Help.ShouldBe(["1 host would take it if available.", "1 host would take it without topology NvLink."]);
    }

    [Fact]
    public void It_says_that_there_is_room_exactly_when_the_engine_finds_it() =>
        Prop.ForAll(Arb.From(Gen.Choose(1, 4).ListOf(12)), Arb.From(Gen.Elements(60, 500, 810, 1000).ListOf(20)), (counts, asked) =>
        {
            var state = new ClusterState();
            counts.ToList().ForEach(count => state.AddHost(new HostSpec(8000, 4096, count, count > 2 ? "A" : "B")));
            var engine = new PlacementEngine(state, new SpreadPolicy());
            foreach (var request in asked.Select(milli => Whole with { GpuMilli = milli, Models = ModelSet.Of(milli > 500 ? "A" : "B") }))
            {
                var why = Explainer.Explain(state, engine.Classes.Intern(request), request.HostMemoryMib);
                (why.FittingHosts > 0).ShouldBe(engine.TryPlace(request, out _));
                (why.FittingHosts + why.Barriers.Sum(barrier => barrier.Hosts)).ShouldBe(state.HostCount);
                (why.FittingHosts > 0 || why.Help.Count > 0).ShouldBeTrue("what finds no room is told what would help");
            }
        }).QuickCheckThrowOnFailure();

    private Explanation Explain(PlacementRequest request, ClusterState? state = null) =>
        Explainer.Explain(state ?? _state, _engine.Classes.Intern(request), request.HostMemoryMib);

    private void Add(int hosts, int cpu, int memoryGib, int gpus, string model, string rack = "")
    {
        for (var i = 0; i < hosts; i++)
        {
            _state.AddHost(new HostSpec(cpu * 1000, memoryGib * 1024, gpus, model) { Rack = rack });
        }
    }

    private void Fill(PlacementRequest request, int times = int.MaxValue)
    {
        for (var i = 0; i < times && _engine.TryPlace(request, out _); i++)
        {
        }
    }
}
