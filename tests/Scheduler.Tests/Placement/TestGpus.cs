using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>Devices and requests for tests of placement.</summary>
internal static class TestGpus
{
    public const string A100 = "A100-SXM4-40GB";
    public static readonly GpuMode[] Every =
        [GpuMode.Passthrough, GpuMode.Mig, GpuMode.Vgpu, GpuMode.VgpuMixed, GpuMode.Sriov, GpuMode.Shared];

    /// <summary>A device of a known model that may be in every mode.</summary>
    public static GpuInventory Gpu(int index, string model = A100, GpuMode? mode = null, params GpuMode[] modes)
    {
        var known = GpuModels.BuiltIn.Find(model)!;
        return new GpuInventory(
            index, model, known.Vendor, "535.104.05", "gpu", known.MemoryBytes!.Value, known.ComputeUnits!.Value,
            "pthread-test", modes.Length > 0 ? modes : Every, mode, known.ComputeCapability?.ToString(), index % 2, index == 0);
    }

    public static GpuInventory[] Gpus(int count) => [.. Enumerable.Range(0, count).Select(i => Gpu(i))];

    public static GpuRequest Profile(string name, int count = 1) => new() { Profile = name, Count = count };

    public static GpuRequest Whole() => new() { Whole = true };

    public static GpuRequest Fraction(int percent) => new() { MemoryPercent = percent, ComputePercent = percent };

    /// <summary>Places a request and records it; the slices.</summary>
    public static SliceGrant[] Place(this CellState cell, string session, GpuRequest request, string policy = "best-fit")
    {
        var decision = new CellEngine(cell, policy).Decide(request, new HashSet<string>());
        decision.Refusal.ShouldBeNull();
        cell.Reserve(session, cell.LastEpoch + 1, decision.Slices, default);
        return decision.Slices;
    }

    /// <summary>Why a request finds no place.</summary>
    public static PlacementDecision Refuse(this CellState cell, GpuRequest request)
    {
        var decision = new CellEngine(cell, "best-fit").Decide(request, new HashSet<string>());
        decision.Fits.ShouldBeFalse();
        return decision;
    }
}
