namespace GpuActors.Interception.Objects;

/// <summary>Codes of the standard that only the client's side gives; the others are in <c>OpenClErrors</c>.</summary>
internal static class ClCodes
{
    public const int MapFailure = -12;
    public const int MisalignedSubBufferOffset = -13;
    public const int KernelArgInfoNotAvailable = -19;
    public const int InvalidDeviceType = -31;
    public const int InvalidPlatform = -32;
    public const int InvalidQueueProperties = -35;
    public const int InvalidHostPointer = -37;
    public const int InvalidBuildOptions = -43;
    public const int InvalidKernelName = -46;
    public const int InvalidWorkDimension = -53;
    public const int InvalidWorkGroupSize = -54;
    public const int InvalidWorkItemSize = -55;
    public const int InvalidGlobalOffset = -56;
    public const int InvalidGlObject = -60;
    public const int InvalidGlobalWorkSize = -63;
    public const int InvalidProperty = -64;
    public const int InvalidImageDescriptor = -65;
    public const int InvalidLinkerOptions = -67;
    public const int InvalidDevicePartitionCount = -68;
    public const int InvalidDeviceQueue = -70;
    public const int InvalidSpecId = -71;
}
