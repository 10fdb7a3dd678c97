using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>Terms in the words of a job's document, for its tenant.</summary>
internal static class TermWords
{
    private const string JobLabel = JobPlacement.JobKey + "=";

    /// <summary>As it stands in the document: <c>must notBeside app=web</c>.</summary>
    public static string Of(PlacementTerm term) => $"{(term.IsMust ? "must" : "should")} {Field(term)} {LabelOf(term)}";

    /// <summary>What is the matter with hosts on which it does not hold.</summary>
    public static string Unmet(PlacementTerm term) => (term.Subject, term.IsNear) switch
    {
        (TermSubject.Host, true) => $"without {term.Label} ({Of(term)})",
        (TermSubject.Host, false) => $"with {term.Label} ({Of(term)})",
        (_, true) => $"where {Jobs(term)} does not run ({Of(term)})",
        _ => $"with anti-affinity: {Jobs(term)} runs there ({Of(term)})",
    };

    /// <summary>Whom it is about: <c>job x</c>, or <c>a job with app=web</c>.</summary>
    public static string Jobs(PlacementTerm term) =>
        LabelOf(term) is var label && label.StartsWith(JobLabel, StringComparison.Ordinal)
            ? $"job {label[JobLabel.Length..]}" : $"a job with {label}";

    private static string LabelOf(PlacementTerm term) =>
        term.Subject == TermSubject.Host ? term.Label : TenantLabel.WithoutTenant(term.Label);

    private static string Field(PlacementTerm term) => (term.Subject, term.IsNear) switch
    {
        (TermSubject.Host, true) => "host",
        (TermSubject.Host, false) => "notHost",
        (_, true) => "beside",
        _ => "notBeside",
    };
}
