namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>The host by whose size DotProd and BestFit measure, as in the published experiments.</summary>
internal static class ReferenceHost
{
    public const double CpuMilli = 128_000;
    public const double GpuMilli = 8_000;
    public const int GpuMilliInt = 8_000;
}
