using System.Text.Json;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>CPU and memory of hosts, racks, labels and neighbours, as a live cell decides on them.</summary>
public sealed class HostNeedsTests
{
    private const long Gib = 1L << 30;
    private static readonly HashSet<string> Nowhere = [];
    private static readonly GpuRequest Tenth = new() { ComputePercent = 10, MemoryPercent = 10 };

    private CellState _cell = new(GpuModels.BuiltIn);
    private CellEngine _engine;

    public HostNeedsTests() => _engine = new CellEngine(_cell, "best-fit");

    [Fact]
    public void CPU_and_memory_of_a_host_are_taken_and_given_back()
    {
        Join("a", 8, 32);
        Place("t/1", Needs(6, 8)).ShouldBe("a");
        Refusal(Needs(4, 8)).ShouldContain("1 host(s) with too little CPU free now");
        Refusal(Needs(2, 32)).ShouldContain("1 host(s) with too little host memory free now");
        Place("t/2", Needs(2, 24)).ShouldBe("a");
        Place("t/3", HostNeeds.Nothing).ShouldBe("a", "it asks for neither");
        _cell.Release("t/1", 1, out _).ShouldBeTrue();
        Place("t/4", Needs(6, 8)).ShouldBe("a");
        _cell.Capacity.SharedFree("a").ShouldBe((0, 0));
    }

    [Fact]
    public void Reasons_are_those_of_the_request_that_asks_though_another_of_its_class_was_refused_before()
    {
        Join("a", 8, 32);
        Place("t/1", Needs(1, 30));
        Refusal(Needs(1, 64)).ShouldContain("less host memory than asked for (the largest has 32 GiB)");
        Refusal(Needs(1, 3)).ShouldContain("too little host memory free now");
    }

    [Fact]
    public void A_host_of_which_nobody_knows_CPU_and_memory_is_only_for_those_who_ask_for_none()
    {
        _cell.HostUp("old", Gpus());
        Refusal(Needs(1, 0)).ShouldContain("1 host(s) that don't tell how much CPU they have");
        Refusal(Needs(0, 1)).ShouldContain("1 host(s) that don't tell how much memory they have");
        Place("t/1", HostNeeds.Nothing).ShouldBe("old");
    }

    [Fact]
    public void A_host_that_comes_back_with_less_than_its_sessions_have_is_given_nothing_until_they_end()
    {
        Join("a", 8, 32);
        Place("t/1", Needs(6, 8));
        Join("a", 4, 32);
        _cell.Capacity.SharedFree("a").CpuMilli.ShouldBe(-2000);
        Refusal(HostNeeds.Nothing).ShouldContain("came back with less CPU or memory than their sessions have");
        _engine.Decide(Tenth, Nowhere).CouldFit.ShouldBeTrue();
        _cell.Release("t/1", 1, out _);
        Place("t/2", Needs(4, 8)).ShouldBe("a");
    }

    [Fact]
    public void What_is_taken_is_known_after_a_restart_from_events_and_from_a_snapshot()
    {
        Join("a", 8, 32, "rack=ignored", "disk=nvme");
        Join("b", 8, 32);
        Place("t/1", Needs(6, 8, labels: ["app=web"]) with { }).ShouldBe("a");
        var json = JsonSerializer.Serialize(_cell.Snapshot(), SchedulerEventsJsonContext.Default.CellSnapshot);
        json.ShouldContain("\"taken\"");

        (_cell, _engine) = (new CellState(GpuModels.BuiltIn), null!);
        _engine = new CellEngine(_cell, "best-fit");
        _cell.Restore(JsonSerializer.Deserialize(json, SchedulerEventsJsonContext.Default.CellSnapshot)!);
        Join("a", 8, 32);
        Join("b", 8, 32);
        _cell.Capacity.SharedFree("a").ShouldBe((2000, 24 * Gib));
        Place("t/2", Needs(1, 1, "t", must: [Beside("app=web")])).ShouldBe("a");
        Place("t/3", Needs(1, 1, "t", must: [NotBeside("job=1")])).ShouldBe("b");
    }

    [Fact]
    public void What_was_written_before_hosts_had_CPU_is_read()
    {
        var slice = JsonSerializer.Serialize(
            new SliceReserved("t/1", 1, [new SliceGrant("a/0/s0", "a", 0, 4 * Gib, 10, false)], default),
            SchedulerEventsJsonContext.Default.SliceReserved);
        var old = slice.Replace(",\"taken\":null", "", StringComparison.Ordinal);
        old.ShouldNotBe(slice);
        _cell.Apply(JsonSerializer.Deserialize(old, SchedulerEventsJsonContext.Default.SliceReserved)!);
        Join("a", 8, 32);
        _cell.Capacity.SharedFree("a").CpuMilli.ShouldBe(8000);
        _cell.Release("t/1", 1, out _).ShouldBeTrue();
    }

    [Fact]
    public void What_is_asked_of_hosts_travels_between_nodes_and_an_older_one_may_leave_it_out()
    {
        var needs = Needs(2, 3, labels: ["app=web"], must: [Host("rack=r1"), NotBeside("app=web")], should: [Beside("job=x")]);
        var waiting = new WaitingSession("t/1", Tenth, 0, default, []) { Needs = needs };
        var json = JsonSerializer.Serialize(new EnqueueSession(waiting), SchedulerMessagesJsonContext.Default.EnqueueSession);
        var read = JsonSerializer.Deserialize(json, SchedulerMessagesJsonContext.Default.EnqueueSession)!.Waiting.Needs;
        (read.CpuMilli, read.MemoryBytes, read.TermSet).ShouldBe((2000, 3 * Gib, needs.TermSet));
        read.Labels.ShouldBe(["app=web"]);
        read.TermSet.All.Count.ShouldBe(3);

        var old = JsonSerializer.Serialize(
            new { Waiting = new { Session = "t/1", Request = new { Whole = true }, Priority = 0, SubmittedAt = default(DateTimeOffset), Avoid = Array.Empty<string>() } });
        JsonSerializer.Deserialize(old, SchedulerMessagesJsonContext.Default.EnqueueSession)!.Waiting.Needs
            .ShouldBe(HostNeeds.Nothing);
    }

    [Fact]
    public void Hosts_are_asked_for_by_name_rack_and_label_and_should_gives_way_where_must_does_not()
    {
        Join("a", 8, 32, "disk=hdd");
        Join("b", 8, 32, "disk=nvme");
        _cell.HostUp("c", Gpus(), machine: new HostInventory(8000, 32 * Gib, "r2", ["disk=nvme", "rack=r1", "name=a"]));
        Place("t/1", Needs(must: [Host("disk=nvme")])).ShouldBe("b");
        Place("t/2", Needs(must: [Host("rack=r2")])).ShouldBe("c");
        Place("t/3", Needs(must: [Host("name=b")])).ShouldBe("b");
        Place("t/4", Needs(must: [NotHost("rack=r1")])).ShouldBe("c", "a worker can't say another rack, or name, by a label");
        Place("t/5", Needs(should: [Host("disk=nvme"), NotHost("name=b")])).ShouldBe("c");
        Place("t/6", Needs(should: [Host("rack=r9")])).ShouldNotBeNull();
        Refusal(Needs(must: [Host("rack=r9")])).ShouldBe("No room: 3 host(s) without rack=r9 (must host rack=r9).");
        _engine.Decide(Tenth, Nowhere, needs: Needs(must: [Host("rack=r9")])).CouldFit.ShouldBeFalse();
    }

    [Fact]
    public void Jobs_keep_apart_and_together_by_their_labels_and_ids()
    {
        Join("a", 8, 32);
        Join("b", 8, 32);
        var web = Needs(labels: ["app=web"], must: [NotBeside("app=web")]);
        Place("t/w1", web).ShouldBe("a");
        Place("t/w2", web).ShouldBe("b");
        var third = _engine.Decide(Tenth, Nowhere, needs: web);
        third.Refusal.ShouldBe(
            "No room: 2 host(s) with anti-affinity: a job with app=web runs there (must notBeside app=web).");
        third.IsOwnWish.ShouldBeTrue("nobody else need wait for it");
        third.CouldFit.ShouldBeTrue();
        Place("t/db", Needs(must: [Beside("job=w2")])).ShouldBe("b");
        _cell.Release("t/w2", 2, out _);
        Refusal(Needs(must: [Beside("job=w2")])).ShouldContain("2 host(s) where job w2 does not run (must beside job=w2)");
        Place("t/w3", web).ShouldBe("b");
    }

    [Fact]
    public void A_tenant_neither_sees_nor_influences_anothers_labels()
    {
        Join("a", 8, 32);
        Place("t/w1", Needs(labels: ["app=web"]));
        Place("u/w1", Needs(tenant: "u", must: [NotBeside("app=web"), NotBeside("job=w1")])).ShouldBe("a");
        Refusal(Needs(tenant: "v", must: [Beside("app=web")])).ShouldNotContain("t/");
        Refusal(Needs(tenant: "v", must: [Beside("t/app=web")])).ShouldContain("does not run");
    }

    [Fact]
    public void A_label_job_of_its_own_does_not_make_one_job_another()
    {
        var document = JobDocument.Parse(System.Text.Encoding.UTF8.GetBytes(Api.Http.Document(
            "mine", """
            "labels": { "job": "yours", "app": "x" }, "host": { "cpu": 0.5, "memory": "1GiB" },
            """))).GetDocumentOrThrow();
        var needs = HostNeeds.Of(document, "t");
        needs.Labels.ShouldBe(["app=x"]);
        (needs.CpuMilli, needs.MemoryBytes).ShouldBe((500, Gib));
        HostNeeds.LabelsOf("t/mine", needs.Labels).All.ShouldBe(["t/app=x", "t/job=mine"]);
    }

    [Fact]
    public void A_host_that_moves_to_another_rack_takes_its_sessions_along()
    {
        Join("a", 8, 32);
        Place("t/w1", Needs(2, 2, labels: ["app=web"]));
        _cell.HostUp("a", Gpus(), machine: new HostInventory(8000, 32 * Gib, "r2", []));
        Place("t/w2", Needs(must: [Host("rack=r2"), Beside("app=web")])).ShouldBe("a");
        Refusal(Needs(must: [Host("rack=r1")])).ShouldContain("1 host(s) without rack=r1");
        _cell.Capacity.SharedFree("a").CpuMilli.ShouldBe(6000);
        _cell.Release("t/w1", 1, out _);
        Refusal(Needs(must: [Beside("app=web")])).ShouldContain("where a job with app=web does not run");
    }

    [Fact]
    public void GPUs_of_a_job_belong_together_where_it_asks_for_that()
    {
        GpuInventory[] gpus =
            [.. Enumerable.Range(0, 4).Select(i => TestGpus.Gpu(i) with { NvLinkGroup = i < 3 ? i / 2 : null, NumaNode = null })];
        _cell.HostUp("a", gpus);
        var pair = new GpuRequest { Whole = true, Count = 2, Topology = GpuTopology.NvLink };
        var linked = _engine.Decide(pair, Nowhere);
        linked.Slices.Select(slice => slice.GpuIndex).ShouldBe([0, 1]);
        _cell.Reserve("t/1", 1, linked.Slices, default);
        var refused = _engine.Decide(pair, Nowhere);
        refused.Reasons.Select(reason => $"{reason.Count} {reason.What}")
            .ShouldContain("1 host(s) whose GPUs that fit don't belong together (topology nvlink)");
        refused.CouldFit.ShouldBeTrue();
        _engine.Decide(pair with { Topology = GpuTopology.Numa }, Nowhere).Fits.ShouldBeTrue("nobody tells of NUMA nodes");
        _engine.Decide(pair with { Count = 3 }, Nowhere).CouldFit.ShouldBeFalse();
    }

    [Fact]
    public void An_explanation_counts_each_constraint_and_says_what_would_help()
    {
        Join("a", 8, 12);
        Join("b", 8, 12);
        _cell.HostUp("c", [TestGpus.Gpu(0, "A30")], machine: new HostInventory(8000, 64 * Gib, "r1", []));
        _cell.HostUp("d", Gpus(), machine: new HostInventory(8000, 64 * Gib, "r1", []));
        _cell.Reserve("t/x", 1, _engine.Decide(Tenth, Nowhere, needs: Needs(must: [Host("name=d")])).Slices, default);
        var request = Tenth with { Model = "A100*|H100*" };
        var needs = Needs(4, 16, must: [NotBeside("job=x")]);
        var why = CellExplainer.Explain(_cell, _engine, new ExplainPlacement("t/y", request, needs));
        why.Reasons.Select(reason => $"{reason.Count} {reason.What}").ShouldBe(
        [
            "1 host(s) with anti-affinity: job x runs there (must notBeside job=x)",
            "2 host(s) with less host memory than asked for (the largest has 64 GiB)",
            "1 GPU(s) of another model than 'A100*' or 'H100*'",
        ]);
        why.Help.ShouldContain("It would fit on host c without model 'A100*' or 'H100*'.");
        why.Help.ShouldContain("It would fit on host d without the term 'must notBeside job=x'.");
        why.Help.ShouldContain("It would fit with 12 GiB of host memory instead of 16 GiB (4 GiB less).");

        var lonely = CellExplainer.Explain(
            _cell, _engine, new ExplainPlacement("t/z", Tenth, Needs(must: [Beside("app=db"), Beside("job=q")])));
        lonely.Help[^1].ShouldBe(
            "It waits for a job with app=db and job q to run on a host that has room for it.");
        var never = CellExplainer.Explain(
            _cell, _engine, new ExplainPlacement("t/z", Tenth, Needs(16, 1, must: [NotHost("name=a")])));
        never.Help.ShouldBe(
        [
            "It would fit with 8 cores of CPU instead of 16 cores (8 cores less).",
            "No host here could ever take it: one must join that has 1 GPU(s), 16 cores, 1 GiB of host memory, not name=a.",
        ]);
    }

    private void Join(string host, int cores, int gibibytes, params string[] labels) => _cell.HostUp(
        host, Gpus(), machine: new HostInventory(1000 * cores, gibibytes * Gib, "r1", labels));

    private string Place(string session, HostNeeds needs)
    {
        var decision = _engine.Decide(Tenth, Nowhere, needs: needs);
        decision.Refusal.ShouldBeNull();
        _cell.Apply(new SliceReserved(
            session, _cell.LastEpoch + 1, decision.Slices, default, decision.Choice, null, needs.Taken));
        return decision.Slices[0].Host;
    }

    private string Refusal(HostNeeds needs) => _engine.Decide(Tenth, Nowhere, needs: needs).Refusal.ShouldNotBeNull();

    private static GpuInventory[] Gpus() => [TestGpus.Gpu(0, modes: GpuMode.Shared)];

    private static HostNeeds Needs(
        int cores = 0,
        int gibibytes = 0,
        string tenant = "t",
        string[]? labels = null,
        JobPlacementTerm[]? must = null,
        JobPlacementTerm[]? should = null)
    {
        var document = JobDocument.Parse(System.Text.Encoding.UTF8.GetBytes(Api.Http.Document("j"))).GetDocumentOrThrow();
        return HostNeeds.Of(
            document with
            {
                Host = new HostRequest(1000 * cores, gibibytes * Gib),
                Labels = (labels ?? []).Select(label => label.Split('=')).ToDictionary(l => l[0], l => l[1]),
                Placement = new JobPlacement(must ?? [], should ?? []),
            },
            tenant);
    }

    private static JobPlacementTerm Host(string label) => new(PlacementTermKind.Host, label);

    private static JobPlacementTerm NotHost(string label) => new(PlacementTermKind.NotHost, label);

    private static JobPlacementTerm Beside(string label) => new(PlacementTermKind.Beside, label);

    private static JobPlacementTerm NotBeside(string label) => new(PlacementTermKind.NotBeside, label);
}
