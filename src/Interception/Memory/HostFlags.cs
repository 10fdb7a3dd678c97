using System.Numerics;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>
/// <c>cl_mem_flags</c> as programs give them. Only how kernels use the memory crosses the wire: what the host may do is
/// checked here, and an unmap writes whatever the host was allowed to.
/// </summary>
internal static unsafe class HostFlags
{
    public const ulong UseHostPointer = 1 << 3;
    public const ulong CopyHostPointer = 1 << 5;

    private const ulong AllocHostPointer = 1 << 4;
    private const ulong KernelAccess = 7;
    private const ulong HostPointers = UseHostPointer | AllocHostPointer | CopyHostPointer;
    private const ulong HostWriteOnly = 1 << 7;
    private const ulong HostReadOnly = 1 << 8;
    private const ulong HostNoAccess = 1 << 9;
    private const ulong HostAccess = HostWriteOnly | HostReadOnly | HostNoAccess;
    private const ulong KernelReadAndWrite = 1 << 12;
    private const ulong Known = KernelAccess | HostPointers | HostAccess | KernelReadAndWrite;

    /// <summary>The flags of a new object; without any, kernels read and write it.</summary>
    /// <exception cref="ClFailure">They contradict each other, or the host pointer.</exception>
    public static ulong Check(ulong flags, void* host)
    {
        CheckBits(flags);
        ClFailure.Unless((host is null) == ((flags & (UseHostPointer | CopyHostPointer)) == 0), ClCodes.InvalidHostPointer);
        return (flags & KernelAccess) == 0 ? flags | (ulong)MemFlags.ReadWrite : flags;
    }

    /// <summary>Flags without an object.</summary>
    /// <exception cref="ClFailure">They contradict each other.</exception>
    public static void CheckBits(ulong flags)
    {
        ClFailure.Unless(
            (flags & ~Known) == 0 && BitOperations.PopCount(flags & KernelAccess) <= 1
            && BitOperations.PopCount(flags & HostAccess) <= 1
            && ((flags & UseHostPointer) == 0 || (flags & (AllocHostPointer | CopyHostPointer)) == 0),
            OpenClErrors.InvalidValue);
    }

    /// <summary>The flags of a part of an object, or of an image in a buffer: what is not said is as in the whole.</summary>
    /// <exception cref="ClFailure">They contradict each other, or allow what the whole does not.</exception>
    public static ulong Inherit(ulong whole, ulong flags)
    {
        CheckBits(flags);
        ClFailure.Unless((flags & HostPointers) == 0, OpenClErrors.InvalidValue);
        ulong access = flags & KernelAccess;
        ulong wholeAccess = whole & KernelAccess;
        ClFailure.Unless(
            access == 0 || access == wholeAccess || wholeAccess == (ulong)MemFlags.ReadWrite, OpenClErrors.InvalidValue);
        ulong host = flags & HostAccess;
        ulong wholeHost = whole & HostAccess;
        ClFailure.Unless(
            host is 0 or HostNoAccess || wholeHost == 0 || host == wholeHost, OpenClErrors.InvalidValue);
        return (access == 0 ? wholeAccess : access) | (host == 0 ? wholeHost : host) | (whole & HostPointers)
            | (flags & KernelReadAndWrite);
    }

    /// <summary>What the executor is told.</summary>
    public static MemFlags OnWire(ulong flags) => (MemFlags)(flags & (KernelAccess | KernelReadAndWrite));

    /// <summary>Whether the host may read such an object.</summary>
    public static bool HostReads(ulong flags) => (flags & (HostWriteOnly | HostNoAccess)) == 0;

    /// <summary>Whether the host may write such an object.</summary>
    public static bool HostWrites(ulong flags) => (flags & (HostReadOnly | HostNoAccess)) == 0;
}
