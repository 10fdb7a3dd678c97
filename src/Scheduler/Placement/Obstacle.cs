namespace GpuActors.Scheduler.Placement;

/// <summary>Why a device does not take a request, in the order in which it is looked at.</summary>
internal enum Obstacle
{
    None,

    // It is of another kind.
    Model,
    Vendor,
    DeviceMemory,
    ComputeCapability,
    Driver,
    Rdma,
    Numa,

    // It never takes this.
    NoProfile,
    NoFunctions,
    TooSmall,

    // It does not as it is set.
    Misfits,
    ModeSet,
    ModeNotAllowed,

    // It does not now.
    InUse,
    OtherMode,
    OtherSize,
    TooMany,
    NoPlace,
    NoMemory,
    NoCompute,
}
