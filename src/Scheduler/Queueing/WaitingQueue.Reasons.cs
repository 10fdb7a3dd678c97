namespace GpuActors.Scheduler.Queueing;

/// <content>Why a session waits, in words.</content>
public sealed partial class WaitingQueue
{
    /// <summary>Why a session waits, for people; null if it does not, or will be tried as soon as its turn comes.</summary>
    public string? ReasonOf(string session)
    {
        if (!_unitOf.TryGetValue(session, out var unit))
        {
            return _gangs.ReasonOf(session);
        }

        var group = _groupOf[unit];
        var verdict = Quotas.Check(group.Leaf, unit.Demand, unit.Class, unit.MayBorrow, unit.Members.Count);
        if (!verdict.Admits)
        {
            return verdict.Sentence(unit.Demand);
        }

        if (_kept.TryGetValue(unit.Id, out var kept))
        {
            return $"waits until {string.Join(", ", kept.Devices)} is free: others make room for it";
        }

        var shape = group.Shape;
        var behind = Behind(unit);
        return shape.State == ShapeState.Fresh || _freed.Wakes(shape) ? behind
            : behind is null ? shape.Reason
            : shape.Reason is null ? behind
            : $"{shape.Reason} It {behind}";
    }

    private string? Behind(WaitingUnit unit) =>
        TryCandidate(unit, out var candidate) && TryHeadBefore(candidate, out var head)
            ? $"waits behind {NameFor(unit.Members[0].Terms.Tenant, head.Unit.Members[0].Terms.Tenant, head.Unit.Id)}."
            : null;

    /// <summary>A tenant learns nothing of another's jobs but that they are there.</summary>
    internal static string NameFor(string reader, string owner, string id) =>
        reader == owner ? id : "a job of another tenant";
}
