namespace GpuActors.Shared.Commands;

/// <summary>Three sizes or offsets: work items, image pixels, or rows and bytes. Unused dimensions are 1 (0 in offsets).</summary>
public readonly record struct WorkSize(ulong X, ulong Y = 1, ulong Z = 1)
{
    /// <summary>All zero: no offset, or "the device chooses the work-group size".</summary>
    public static WorkSize Zero => default;

    /// <summary>X·Y·Z, or null when that is over 2^64.</summary>
    public ulong? Product
    {
        get
        {
            UInt128 product = (UInt128)X * Y;
            if (product > ulong.MaxValue)
                return null;
            product *= Z;
            return product > ulong.MaxValue ? null : (ulong)product;
        }
    }
}
