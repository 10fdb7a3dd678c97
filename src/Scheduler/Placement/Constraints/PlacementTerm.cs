namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>What a term is about.</summary>
public enum TermSubject
{
    /// <summary>A label of the host, <c>KEY=VALUE</c>; its name is the label <c>name</c>, its rack <c>rack</c>.</summary>
    Host,

    /// <summary>A label of tasks that run on the host.</summary>
    Tasks,
}

/// <summary>A wish about where a task goes.</summary>
/// <param name="Subject">What must have the label.</param>
/// <param name="Label"><c>KEY=VALUE</c>.</param>
/// <param name="IsNear">The label must be there; false: it must not.</param>
/// <param name="IsMust">Elsewhere the task is not placed; false: elsewhere only if no such host has room.</param>
public sealed record PlacementTerm(TermSubject Subject, string Label, bool IsNear, bool IsMust)
{
    /// <summary>As people read it.</summary>
    public override string ToString()
    {
        var where = Subject == TermSubject.Host ? IsNear ? "on hosts with" : "not on hosts with"
            : IsNear ? "beside jobs with" : "not beside jobs with";
        return $"'{(IsMust ? "must" : "should")}' {where} {Label}";
    }
}
