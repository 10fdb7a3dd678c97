using System.Text.Json.Serialization;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement.Requests;

/// <summary>What a session asks of its host and of its neighbours there, beside GPUs.</summary>
/// <param name="CpuMilli">CPU in thousandths of a core; 0: it does not count.</param>
/// <param name="MemoryBytes">Memory of the host; 0: it does not count.</param>
/// <param name="Labels">Its own labels, <c>KEY=VALUE</c>, as its document has them.</param>
/// <param name="Terms">Where it must and should go; labels of jobs with their tenant (<see cref="TenantLabel"/>).</param>
public sealed record HostNeeds(int CpuMilli, long MemoryBytes, string[] Labels, PlacementTerm[] Terms)
{
    private const int MibBits = 20;

    /// <summary>Nothing that would count.</summary>
    public static HostNeeds Nothing { get; } = new(0, 0, [], []);

    /// <summary>Memory of the host in MiB, rounded up.</summary>
    [JsonIgnore]
    public int MemoryMib => MibOf(MemoryBytes);

    /// <summary>The terms; equal ones are equal.</summary>
    [JsonIgnore]
    public PlacementTerms TermSet { get; private init; } = PlacementTerms.Of(Terms);

    /// <summary>What is taken of the host when it is placed; null if that is nothing.</summary>
    [JsonIgnore]
    public HostTaken? Taken => CpuMilli == 0 && MemoryBytes == 0 && Labels.Length == 0 ? null
        : new HostTaken(CpuMilli, MemoryBytes, Labels.Length == 0 ? null : Labels);

    /// <summary>The same with other terms.</summary>
    public HostNeeds WithTerms(PlacementTerm[] terms) =>
        this with { Terms = terms, TermSet = PlacementTerms.Of(terms) };

    /// <summary>What a document asks for.</summary>
    public static HostNeeds Of(JobDocument document, string tenant)
    {
        var labels = document.Labels.Where(label => label.Key != JobPlacement.JobKey)
            .Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal).ToArray();
        var placement = document.Placement;
        return new HostNeeds(document.Host.CpuMilli, document.Host.MemoryBytes, labels,
        [
            .. placement.Must.Select(term => TermOf(term, tenant, isMust: true)),
            .. placement.Should.Select(term => TermOf(term, tenant, isMust: false)),
        ]);
    }

    /// <summary>The labels of a session as the engine sees them: those of its document, and its id.</summary>
    public static TaskLabels LabelsOf(string session, string[]? labels)
    {
        var (tenant, job) = TenantLabel.Split(session);
        return TaskLabels.Of((labels ?? []).Append($"{JobPlacement.JobKey}={job}")
            .Select(label => TenantLabel.Of(tenant, label)));
    }

    /// <summary>Bytes in MiB, rounded up, as far as the engine counts.</summary>
    internal static int MibOf(long bytes) =>
        (int)Math.Min(int.MaxValue, (Math.Max(0, bytes) >> MibBits) + ((bytes & ((1L << MibBits) - 1)) > 0 ? 1 : 0));

    private static PlacementTerm TermOf(JobPlacementTerm term, string tenant, bool isMust) => term.Kind switch
    {
        PlacementTermKind.Host => new PlacementTerm(TermSubject.Host, term.Label, IsNear: true, isMust),
        PlacementTermKind.NotHost => new PlacementTerm(TermSubject.Host, term.Label, IsNear: false, isMust),
        PlacementTermKind.Beside =>
            new PlacementTerm(TermSubject.Tasks, TenantLabel.Of(tenant, term.Label), IsNear: true, isMust),
        _ => new PlacementTerm(TermSubject.Tasks, TenantLabel.Of(tenant, term.Label), IsNear: false, isMust),
    };
}

/// <summary>What a session has of its host beside GPUs, as the journal keeps it.</summary>
/// <param name="CpuMilli">CPU in thousandths of a core.</param>
/// <param name="MemoryBytes">Memory of the host.</param>
/// <param name="Labels">Its labels, <c>KEY=VALUE</c>; null: none but its id.</param>
public sealed record HostTaken(int CpuMilli, long MemoryBytes, string[]? Labels = null);
