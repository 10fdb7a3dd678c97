namespace GpuActors.Worker.Nvml;

/// <summary><c>nvmlReturn_t</c>: those that this code tells apart. Others keep their number.</summary>
public enum NvmlCode
{
    /// <summary>It worked.</summary>
    Success = 0,

    /// <summary>An argument, such as a placement, is not one that the device knows.</summary>
    InvalidArgument = 2,

    /// <summary>The device can't do that, or not in its present mode.</summary>
    NotSupported = 3,

    /// <summary>The process may not do that.</summary>
    NoPermission = 4,

    /// <summary>There is no such object.</summary>
    NotFound = 6,

    /// <summary>The buffer is too small; the call says how much it needs.</summary>
    InsufficientSize = 7,

    /// <summary>The kernel driver is not loaded.</summary>
    DriverNotLoaded = 9,

    /// <summary>The library is older than the function.</summary>
    FunctionNotFound = 13,

    /// <summary>The device must be reset first.</summary>
    ResetRequired = 16,

    /// <summary>Somebody uses it.</summary>
    InUse = 19,

    /// <summary>Something other than memory has run out, such as places for instances.</summary>
    InsufficientResources = 23,

    /// <summary>The library does not know this version of a structure.</summary>
    ArgumentVersionMismatch = 25,
}
