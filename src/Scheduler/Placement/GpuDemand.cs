namespace GpuActors.Scheduler.Placement;

/// <summary>
/// What a session asks of one host: <see cref="Count"/> devices and the same part of each. Exactly as much as a
/// placement decision needs to know.
/// </summary>
/// <param name="Pool">The pool to place in.</param>
/// <param name="Count">How many devices, all on one host, all different.</param>
/// <param name="Whole">The whole of each device, shared with nobody.</param>
/// <param name="MemoryBytes">Memory of each device in bytes; 0 if given as a percentage.</param>
/// <param name="MemoryPercent">Memory of each device as a percentage of what it has; 0 if given in bytes.</param>
/// <param name="ComputePercent">Share of each device's compute, 1 to 100.</param>
/// <param name="Model">A pattern for the model's name in which <c>*</c> stands for any run of characters.</param>
public sealed record GpuDemand(
    string Pool, int Count, bool Whole, long MemoryBytes, double MemoryPercent, int ComputePercent, string Model)
{
    /// <summary>The memory that this demand takes of a device with <paramref name="deviceBytes"/> bytes.</summary>
    public long MemoryOf(long deviceBytes)
    {
        if (Whole)
        {
            return deviceBytes;
        }

        return MemoryBytes > 0 ? MemoryBytes : (long)(deviceBytes * (MemoryPercent / 100.0));
    }
}
