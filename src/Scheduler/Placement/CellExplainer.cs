using System.Globalization;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Explains a session's place in a cell. What would help is not estimated: the engine is asked again for a little less
/// of each thing, and what then finds room is said. That takes some thirty decisions, so it is for people, on demand.
/// </summary>
internal static class CellExplainer
{
    private const long Mib = 1L << 20;
    private static readonly HashSet<string> NoHosts = [];

    public static PlacementExplained Explain(CellState cell, CellEngine engine, ExplainPlacement ask)
    {
        if (cell.Reservations.TryGetValue(ask.Session, out var owned))
        {
            return new PlacementExplained(
                $"It has {owned.Slices.Length} slice(s) on host {owned.Slices[0].Host}.",
                owned.Choice,
                [],
                [],
                IsOwner: true);
        }

        var needs = ask.Needs ?? HostNeeds.Nothing;
        var decision = engine.Decide(ask.Request, NoHosts, needs: needs);
        if (decision.Fits)
        {
            return new PlacementExplained("There is room; it waits for its turn.", decision.Choice, [], []);
        }

        var moves = decision.CouldFit ? new CellRearranger(cell, engine).Propose(ask.Request, needs) : [];
        var (tenant, _) = TenantLabel.Split(ask.Session);
        ProposedMove[] told = [.. moves.Select(move => Told(move, tenant))];
        var help = Help(engine, ask.Request, needs, decision);
        if (told.Length > 0)
        {
            help.Insert(0, $"It would fit if {string.Join(" and ", told.Select(Words))}.");
        }

        return new PlacementExplained(
            decision.Refusal!, null, [.. decision.Reasons], [.. help], told, decision.CouldFit);
    }

    /// <summary>A tenant learns nothing of another's jobs but that they are there.</summary>
    private static ProposedMove Told(SessionMove move, string reader)
    {
        var (tenant, job) = TenantLabel.Split(move.Session);
        return new ProposedMove(
            tenant == reader ? job : null,
            $"{move.From.Host}/{move.From.GpuIndex}",
            $"{move.To.Host}/{move.To.GpuIndex}");
    }

    private static string Words(ProposedMove move) =>
        $"{(move.Job is { } job ? $"job '{job}'" : "a job of another tenant")} moved from GPU {move.From} to {move.To}";

    private static List<string> Help(
        CellEngine engine, GpuRequest request, HostNeeds needs, PlacementDecision refused)
    {
        var help = new List<string>();
        foreach (var (attribute, without) in Attributes(request))
        {
            AddWithout(help, attribute, engine.Decide(without, NoHosts, needs: needs));
        }

        foreach (var must in needs.Terms.Where(term => term.IsMust))
        {
            var others = needs.WithTerms([.. needs.Terms.Where(term => term != must)]);
            AddWithout(help, $"the term '{TermWords.Of(must)}'", engine.Decide(request, NoHosts, needs: others));
        }

        AddLess(help, "", request.Count, count => Fits(request with { Count = (int)count }), count => $"{count} GPU(s)");
        if (request.MemoryBytes is { } bytes)
        {
            AddLess(help, " memory", bytes / Mib, mib => Fits(request with { MemoryBytes = mib * Mib }), Memory);
        }

        if (request.ComputePercent is { } compute)
        {
            AddLess(help, " compute", compute, percent => Fits(request with { ComputePercent = (int)percent }), percent => $"{percent} %");
        }

        AddLess(
            help,
            "",
            needs.CpuMilli,
            milli => engine.Decide(request, NoHosts, needs: needs with { CpuMilli = (int)milli }).Fits,
            Cores,
            " of CPU");
        AddLess(
            help,
            "",
            needs.MemoryMib,
            mib => engine.Decide(request, NoHosts, needs: needs with { MemoryBytes = mib * Mib }).Fits,
            Memory,
            " of host memory");
        help.Add(WhatElse(engine, request, needs, refused));
        return help;

        bool Fits(GpuRequest less) => engine.Decide(less, NoHosts, needs: needs).Fits;
    }

    private static void AddWithout(List<string> help, string what, PlacementDecision decision)
    {
        if (decision.Fits)
        {
            help.Add($"It would fit on host {decision.Slices[0].Host} without {what}.");
        }
    }

    private static string WhatElse(
        CellEngine engine, GpuRequest request, HostNeeds needs, PlacementDecision refused)
    {
        if (refused.CouldFit)
        {
            return "It would fit if nothing else ran: it waits for others to end.";
        }

        var beside = Array.FindAll(needs.Terms, term => term is { Subject: TermSubject.Tasks, IsNear: true, IsMust: true });
        var alone = needs.WithTerms([.. needs.Terms.Except(beside)]);
        return beside.Length > 0 && engine.Decide(request, NoHosts, needs: alone) is { Fits: true } or { CouldFit: true }
            ? $"It waits for {string.Join(" and ", beside.Select(TermWords.Jobs))} to run on a host that has room for it."
            : $"No host here could ever take it: one must join that has {Needed(request, needs)}.";
    }

    private static IEnumerable<(string Attribute, GpuRequest Without)> Attributes(GpuRequest request)
    {
        (bool IsAsked, string Attribute, GpuRequest Without)[] all =
        [
            (request.Model != GpuRequest.AnyModel, $"model {request.ModelWords()}", request with { Model = GpuRequest.AnyModel }),
            (request.Vendor is not null, $"vendor '{request.Vendor}'", request with { Vendor = null }),
            (request.DeviceMemoryBytes > 0, "deviceMemory", request with { DeviceMemoryBytes = 0 }),
            (request.ComputeCapability is not null, $"computeCapability {request.ComputeCapability}",
                request with { ComputeCapability = null }),
            (request.Driver is not null, $"driver {request.Driver}", request with { Driver = null }),
            (request.Rdma, "rdma", request with { Rdma = false }),
            (request.NumaNode is not null, $"numaNode {request.NumaNode}", request with { NumaNode = null }),
            (request.Topology != GpuTopology.Host, $"topology {request.Topology.ToString().ToLowerInvariant()}",
                request with { Topology = GpuTopology.Host }),
        ];
        return all.Where(one => one.IsAsked).Select(one => (one.Attribute, one.Without));
    }

    /// <summary>The most below what is asked that fits; what fits with more fits with less, too.</summary>
    private static void AddLess(List<string> help, string what, long asked, Func<long, bool> fits, Func<long, string> words, string of = "")
    {
        var (most, tooMuch) = (0L, asked);
        while (tooMuch - most > 1)
        {
            var middle = most + ((tooMuch - most) / 2);
            (most, tooMuch) = fits(middle) ? (middle, tooMuch) : (most, middle);
        }

        if (most > 0)
        {
            help.Add($"It would fit with {words(most)}{of} instead of {words(asked)} ({words(asked - most)} less{what}).");
        }
    }

    private static string Needed(GpuRequest request, HostNeeds needs)
    {
        var part = request.Whole ? "" : request.Function ? " with a free virtual function"
            : request.Profile is { } profile ? $" with the profile {profile}"
            : request.MemoryBytes is { } bytes ? $" with {Memory(bytes / Mib)} of memory" : "";
        var kind = string.Join(", ", Attributes(request).Select(one => one.Attribute));
        string[] all =
        [
            $"{request.Count} GPU(s){part}{(kind.Length > 0 ? $" of {kind}" : "")}",
            .. needs.CpuMilli > 0 ? [Cores(needs.CpuMilli)] : Array.Empty<string>(),
            .. needs.MemoryBytes > 0 ? [$"{Memory(needs.MemoryMib)} of host memory"] : Array.Empty<string>(),
            .. needs.Terms.Where(term => term is { Subject: TermSubject.Host, IsMust: true })
                .Select(term => $"{(term.IsNear ? "" : "not ")}{term.Label}"),
        ];
        return string.Join(", ", all);
    }

    private static string Cores(long milli) =>
        string.Create(CultureInfo.InvariantCulture, $"{milli / 1000.0:0.###} cores");

    private static string Memory(long mib) =>
        mib >= 1024 ? string.Create(CultureInfo.InvariantCulture, $"{mib / 1024.0:0.##} GiB") : $"{mib} MiB";
}
