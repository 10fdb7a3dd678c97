namespace GpuActors.Worker.OpenCL;

/// <summary>Numbers of the standard that code asks for by name. Bulk queries go by ranges: see InfoReader.</summary>
internal static class ClNames
{
    internal const ulong DeviceTypeCpu = 1 << 1;
    internal const ulong DeviceTypeGpu = 1 << 2;
    internal const ulong DeviceTypeAccelerator = 1 << 3;
    internal const ulong DeviceTypeAll = 0xFFFFFFFF;

    internal const uint PlatformVersion = 0x0901;
    internal const uint PlatformName = 0x0902;
    internal const uint PlatformVendor = 0x0903;
    internal const uint PlatformExtensions = 0x0904;
    internal const uint PlatformExtensionsWithVersion = 0x0907;

    internal const uint DeviceType = 0x1000;
    internal const uint DeviceMaxComputeUnits = 0x1002;
    internal const uint DeviceMaxWorkGroupSize = 0x1004;
    internal const uint DeviceHostUnifiedMemory = 0x1035;
    internal const ulong MapRead = 1;
    internal const ulong MapWriteInvalidateRegion = 4;
    internal const uint DeviceMaxClockFrequency = 0x100C;
    internal const uint DeviceMaxMemAllocSize = 0x1010;
    internal const uint DeviceImageSupport = 0x1016;
    internal const uint DeviceMaxParameterSize = 0x1017;
    internal const uint DeviceMaxConstantBufferSize = 0x1020;
    internal const uint DeviceGlobalMemSize = 0x101F;
    internal const uint DeviceLocalMemSize = 0x1023;
    internal const uint DeviceAvailable = 0x1027;
    internal const uint DeviceExecutionCapabilities = 0x1029;
    internal const uint DeviceName = 0x102B;
    internal const uint DeviceVendor = 0x102C;
    internal const uint DriverVersion = 0x102D;
    internal const uint DeviceVersion = 0x102F;
    internal const uint DeviceExtensions = 0x1030;
    internal const uint DevicePlatform = 0x1031;
    internal const uint DeviceDoubleFpConfig = 0x1032;
    internal const uint DeviceOpenClCVersion = 0x103D;
    internal const uint DeviceBuiltInKernels = 0x103F;
    internal const uint DeviceParentDevice = 0x1042;
    internal const uint DevicePartitionMaxSubDevices = 0x1043;
    internal const uint DevicePartitionProperties = 0x1044;
    internal const uint DevicePartitionType = 0x1046;
    internal const uint DeviceReferenceCount = 0x1047;
    internal const uint DeviceQueueOnDeviceProperties = 0x104E;
    internal const uint DeviceQueueOnDevicePreferredSize = 0x104F;
    internal const uint DeviceQueueOnDeviceMaxSize = 0x1050;
    internal const uint DeviceMaxOnDeviceQueues = 0x1051;
    internal const uint DeviceMaxOnDeviceEvents = 0x1052;
    internal const uint DeviceSvmCapabilities = 0x1053;
    internal const uint DeviceMaxPipeArgs = 0x1055;
    internal const uint DevicePipeMaxActiveReservations = 0x1056;
    internal const uint DevicePipeMaxPacketSize = 0x1057;
    internal const uint DeviceIlVersion = 0x105B;
    internal const uint DeviceExtensionsWithVersion = 0x1060;
    internal const uint DeviceIlsWithVersion = 0x1061;
    internal const uint DeviceBuiltInKernelsWithVersion = 0x1062;
    internal const uint DeviceDeviceEnqueueCapabilities = 0x1070;
    internal const uint DevicePipeSupport = 0x1071;

    internal const uint DevicePciBusIdNv = 0x4008;
    internal const uint DevicePciSlotIdNv = 0x4009;
    internal const uint DevicePciDomainIdNv = 0x400A;
    internal const uint DevicePciBusInfo = 0x410F;

    internal const nint PartitionByCounts = 0x1087;
    internal const ulong ExecKernel = 1;

    internal const uint QueueProperties = 0x1093;

    internal const ulong MemCopyHostPtr = 1 << 5;
    internal const uint MemSize = 0x1102;
    internal const uint BufferCreateTypeRegion = 0x1220;
    internal const uint ImageElementSize = 0x1111;

    internal const ulong SamplerNormalizedCoords = 0x1152;
    internal const ulong SamplerAddressingMode = 0x1153;
    internal const ulong SamplerFilterMode = 0x1154;

    internal const uint ProgramSource = 0x1164;
    internal const uint ProgramBinarySizes = 0x1165;
    internal const uint ProgramBinaries = 0x1166;
    internal const uint ProgramKernelNames = 0x1168;
    internal const uint ProgramIl = 0x1169;
    internal const uint ProgramBuildLog = 0x1183;

    internal const uint KernelFunctionName = 0x1190;
    internal const uint KernelNumArgs = 0x1191;
    internal const uint KernelAttributes = 0x1195;
    internal const uint KernelArgAddressQualifier = 0x1196;
    internal const uint KernelArgAccessQualifier = 0x1197;
    internal const uint KernelArgTypeName = 0x1198;
    internal const uint KernelArgTypeQualifier = 0x1199;
    internal const uint KernelArgName = 0x119A;
    internal const uint KernelArgAddressGlobal = 0x119B;
    internal const uint KernelArgAccessReadOnly = 0x11A0;
    internal const uint KernelWorkGroupSize = 0x11B0;
    internal const uint KernelCompileWorkGroupSize = 0x11B1;
    internal const uint KernelLocalMemSize = 0x11B2;
    internal const uint KernelPreferredWorkGroupSizeMultiple = 0x11B3;
    internal const uint KernelPrivateMemSize = 0x11B4;

    internal const uint EventCommandExecutionStatus = 0x11D3;
    internal const uint ProfilingCommandQueued = 0x1280;
    internal const uint ProfilingCommandSubmit = 0x1281;
    internal const uint ProfilingCommandStart = 0x1282;
    internal const uint ProfilingCommandEnd = 0x1283;
}
