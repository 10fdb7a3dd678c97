namespace GpuActors.Shell.Doctor;

/// <summary>What a network should be like between programs and the GPUs that they use.</summary>
internal static class LinkNeeds
{
    /// <summary>A launch that is waited for takes about as long on a device of the same machine.</summary>
    public static readonly TimeSpan GoodRoundTrip = TimeSpan.FromMicroseconds(100);

    /// <summary>Beyond this only programs are at home whose kernels run for long.</summary>
    public static readonly TimeSpan FineRoundTrip = TimeSpan.FromMilliseconds(1);

    /// <summary>About as fast as data come from a disk, and a tenth of a device's own bus.</summary>
    public const double GoodBitsPerSecond = 10e9;

    /// <summary>Beneath this, programs that move much wait for the network most of the time.</summary>
    public const double FineBitsPerSecond = 1e9;
}
