using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Scoring;

namespace GpuActors.Scheduler.Placement.Requests;

/// <summary>
/// Requests that differ in nothing but host memory and their own labels. All requests of a class share its scores. There is one object for
/// each class that <see cref="RequestClasses"/> knows, so classes are compared by reference.
/// </summary>
public sealed class RequestClass
{
    private readonly ModelTable _models;
    private bool[] _allowed = [];

    internal RequestClass(long id, PlacementRequest request, ModelTable models)
    {
        _models = models;
        (Id, Request) = (id, request);
        (CpuMilli, GpuCount, GpuMilli) = (request.CpuMilli, request.GpuCount, request.GpuMilli);
        Kind = TaskKind.Of(GpuCount, GpuMilli);
        DemandMilli = request.DemandMilli;
        IsPlain = request.Device is null && request.Terms.IsEmpty && (request.Topology == Topology.Host || GpuCount < 2);
    }

    /// <summary>Its number; never given twice.</summary>
    public long Id { get; }

    /// <summary>What it asks for, without host memory and labels.</summary>
    public PlacementRequest Request { get; }

    /// <summary>CPU in thousandths of a core.</summary>
    public int CpuMilli { get; }

    /// <summary>How many GPUs.</summary>
    public int GpuCount { get; }

    /// <summary>Thousandths of each GPU.</summary>
    public int GpuMilli { get; }

    /// <summary>Thousandths of a GPU in all.</summary>
    public int DemandMilli { get; }

    /// <summary>Share, one GPU, two, and so on.</summary>
    public TaskKinds Kind { get; }

    /// <summary>A part of one GPU: the policy chooses which.</summary>
    public bool IsShare => Kind == TaskKinds.Share;

    /// <summary>Numbers alone decide: no terms, no topology.</summary>
    internal bool IsPlain { get; }

    /// <summary>Scores of hosts for this class; null if they are not kept.</summary>
    internal ScoreRow? Row { get; set; }

    /// <summary>What <see cref="IDeviceRules"/> keep of it.</summary>
    internal object? DeviceNotes { get; set; }

    /// <summary>Why there was no room, and the cluster's last change then: until the next it is the same for as much host
    /// memory.</summary>
    internal (long Change, int HostMemoryMib, PlacementDecision Decision)? Refusal { get; set; }

    /// <summary>When it was last asked for, as a count of askings.</summary>
    internal long LastUse { get; set; }

    /// <summary>It may be placed on a model.</summary>
    /// <param name="model">The model's number in the cluster's <see cref="ModelTable"/>.</param>
    public bool Allows(int model)
    {
        var allowed = _allowed;
        return model < allowed.Length ? allowed[model] : LearnModels(model);
    }

    /// <inheritdoc/>
    public override string ToString() => $"CPU {CpuMilli}, {GpuCount} x {GpuMilli} of {Request.Models}";

    private bool LearnModels(int model)
    {
        var known = new bool[_models.Count];
        for (var i = 0; i < known.Length; i++)
        {
            known[i] = Request.Models.Contains(_models.NameOf(i));
        }

        _allowed = known;
        return known[model];
    }
}
