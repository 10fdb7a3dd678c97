namespace GpuActors.Shared.Devices;

/// <summary>What of a GPU one slice is to be, as a request says it.</summary>
public abstract record SliceShape
{
    private SliceShape()
    {
    }

    /// <summary>The whole device.</summary>
    public sealed record Whole : SliceShape;

    /// <summary>One virtual function.</summary>
    public sealed record Function : SliceShape;

    /// <summary>A named profile of the device's model.</summary>
    public sealed record OfProfile(SliceProfile Profile) : SliceShape;

    /// <summary>A plain fraction.</summary>
    /// <param name="MemoryBytes">Memory, more than 0.</param>
    /// <param name="ComputePercent">Share of the compute, 1 to 100.</param>
    public sealed record Fraction(long MemoryBytes, int ComputePercent) : SliceShape;
}

/// <summary>A slice on a GPU.</summary>
/// <param name="Number">Distinguishes it from the others there.</param>
/// <param name="Mode">The mode that the GPU is in because of it.</param>
/// <param name="Profile">Its profile; null for the whole device, a function and a fraction.</param>
/// <param name="Start">Where it begins on the model's memory line; -1 if it has no place there.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="ComputePercent">Its share of the compute where it has no units of its own; 100 for the whole.</param>
/// <param name="ComputeUnits">Its own compute units; 0: all, in turns or alone.</param>
public readonly record struct PlacedSlice(
    int Number, GpuMode Mode, SliceProfile? Profile, int Start, long MemoryBytes, int ComputePercent, int ComputeUnits);
