namespace GpuActors.Shared.Commands;

/// <summary>
/// <c>cl_mem_flags</c>, the bits that cross the wire. Host pointers do not: data to copy in travels with the command,
/// and a pointer in use (<c>CL_MEM_USE_HOST_PTR</c>) is the client's shadow copy.
/// </summary>
[Flags]
public enum MemFlags : ulong
{
    None = 0,
    ReadWrite = 1 << 0,
    WriteOnly = 1 << 1,
    ReadOnly = 1 << 2,
    AllocHostPtr = 1 << 4,
    HostWriteOnly = 1 << 7,
    HostReadOnly = 1 << 8,
    HostNoAccess = 1 << 9,
    KernelReadAndWrite = 1 << 12,
}

/// <summary><c>cl_command_queue_properties</c>, and one bit of our own.</summary>
[Flags]
public enum QueueFlags : ulong
{
    None = 0,
    OutOfOrder = 1 << 0,
    Profiling = 1 << 1,

    /// <summary>
    /// After the first command of this queue that fails, every later one fails with the same code, in order. A stream
    /// that nobody watches command by command (a job's) wants this; an OpenCL program's queue behaves as without it.
    /// </summary>
    StopOnError = 1UL << 32,
}

/// <summary><c>cl_migration_flags</c>.</summary>
[Flags]
public enum MigrateFlags : ulong
{
    None = 0,
    Host = 1 << 0,
    ContentUndefined = 1 << 1,
}

/// <summary>Why a transfer happens; the executor treats all alike, the client's shadow copies do not.</summary>
public enum TransferPurpose : byte
{
    /// <summary>A read or write of the program's own.</summary>
    Explicit = 0,

    /// <summary>The read behind <c>clEnqueueMap…</c>.</summary>
    Map = 1,

    /// <summary>The write behind <c>clEnqueueUnmapMemObject</c>.</summary>
    Unmap = 2,

    /// <summary>Keeps a shadow of <c>CL_MEM_USE_HOST_PTR</c> memory in step.</summary>
    Shadow = 3,

    /// <summary>Saves or restores memory for migration and replay.</summary>
    Checkpoint = 4,
}

/// <summary><c>cl_mem_object_type</c>.</summary>
public enum MemObjectType : uint
{
    Buffer = 0x10F0,
    Image2D = 0x10F1,
    Image3D = 0x10F2,
    Image2DArray = 0x10F3,
    Image1D = 0x10F4,
    Image1DArray = 0x10F5,
    Image1DBuffer = 0x10F6,
}

/// <summary><c>cl_channel_order</c>.</summary>
public enum ChannelOrder : uint
{
    R = 0x10B0,
    A = 0x10B1,
    RG = 0x10B2,
    RA = 0x10B3,
    RGB = 0x10B4,
    RGBA = 0x10B5,
    BGRA = 0x10B6,
    ARGB = 0x10B7,
    Intensity = 0x10B8,
    Luminance = 0x10B9,
    Depth = 0x10BD,
}

/// <summary><c>cl_channel_type</c>.</summary>
public enum ChannelType : uint
{
    SnormInt8 = 0x10D0,
    SnormInt16 = 0x10D1,
    UnormInt8 = 0x10D2,
    UnormInt16 = 0x10D3,
    SignedInt8 = 0x10D7,
    SignedInt16 = 0x10D8,
    SignedInt32 = 0x10D9,
    UnsignedInt8 = 0x10DA,
    UnsignedInt16 = 0x10DB,
    UnsignedInt32 = 0x10DC,
    HalfFloat = 0x10DD,
    Float = 0x10DE,
}

/// <summary><c>cl_addressing_mode</c>.</summary>
public enum AddressingMode : uint
{
    None = 0x1130,
    ClampToEdge = 0x1131,
    Clamp = 0x1132,
    Repeat = 0x1133,
    MirroredRepeat = 0x1134,
}

/// <summary><c>cl_filter_mode</c>.</summary>
public enum FilterMode : uint
{
    Nearest = 0x1140,
    Linear = 0x1141,
}
