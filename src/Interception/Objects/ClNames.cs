namespace GpuActors.Interception.Objects;

/// <summary>Numbers of the standard that the library asks or answers by name.</summary>
internal static class ClNames
{
    public const uint PlatformProfile = 0x0900;
    public const uint PlatformVersion = 0x0901;
    public const uint PlatformName = 0x0902;
    public const uint PlatformVendor = 0x0903;
    public const uint PlatformExtensions = 0x0904;
    public const uint PlatformHostTimerResolution = 0x0905;
    public const uint PlatformNumericVersion = 0x0906;
    public const uint PlatformExtensionsWithVersion = 0x0907;
    public const uint PlatformIcdSuffix = 0x0920;

    public const ulong DeviceTypeDefault = 1;
    public const ulong DeviceTypeAll = 0xFFFF_FFFF;
    public const ulong DeviceTypeKnown = 0x1F;

    public const uint DeviceType = 0x1000;
    public const uint DeviceMaxComputeUnits = 0x1002;
    public const uint DeviceMaxWorkGroupSize = 0x1004;
    public const uint DeviceMaxWorkItemSizes = 0x1005;
    public const uint DeviceMaxMemAllocSize = 0x1010;
    public const uint DeviceImageSupport = 0x1016;
    public const uint DeviceGlobalMemSize = 0x101F;
    public const uint DeviceLocalMemSize = 0x1023;
    public const uint DeviceQueueProperties = 0x102A;
    public const uint DevicePlatform = 0x1031;
    public const uint DeviceBuiltInKernels = 0x103F;
    public const uint DeviceParentDevice = 0x1042;
    public const uint DevicePartitionMaxSubDevices = 0x1043;
    public const uint DevicePartitionProperties = 0x1044;
    public const uint DevicePartitionType = 0x1046;
    public const uint DeviceReferenceCount = 0x1047;

    public const nint PartitionEqually = 0x1086;
    public const nint PartitionByCounts = 0x1087;
    public const nint PartitionByAffinityDomain = 0x1088;

    public const uint ContextReferenceCount = 0x1080;
    public const uint ContextDevices = 0x1081;
    public const uint ContextProperties = 0x1082;
    public const uint ContextNumDevices = 0x1083;
    public const nint ContextPlatform = 0x1084;
    public const nint ContextInteropUserSync = 0x1085;

    public const uint QueueContext = 0x1090;
    public const uint QueueDevice = 0x1091;
    public const uint QueueReferenceCount = 0x1092;
    public const uint QueueProperties = 0x1093;
    public const uint QueueSize = 0x1094;
    public const uint QueueDeviceDefault = 0x1095;
    public const uint QueuePropertiesArray = 0x1098;
    public const ulong QueueOutOfOrder = 1;
    public const ulong QueueProfiling = 2;
    public const ulong QueueKnown = 15;

    public const uint ProgramReferenceCount = 0x1160;
    public const uint ProgramContext = 0x1161;
    public const uint ProgramNumDevices = 0x1162;
    public const uint ProgramDevices = 0x1163;
    public const uint ProgramSource = 0x1164;
    public const uint ProgramBinarySizes = 0x1165;
    public const uint ProgramBinaries = 0x1166;
    public const uint ProgramNumKernels = 0x1167;
    public const uint ProgramKernelNames = 0x1168;
    public const uint ProgramIl = 0x1169;
    public const uint ProgramScopeGlobalCtors = 0x116A;
    public const uint ProgramScopeGlobalDtors = 0x116B;

    public const uint BuildStatus = 0x1181;
    public const uint BuildOptions = 0x1182;
    public const uint BuildLog = 0x1183;
    public const uint BuildBinaryType = 0x1184;
    public const uint BuildGlobalVariableSize = 0x1185;
    public const int BuildNone = -1;
    public const int BuildError = -2;
    public const int BuildInProgress = -3;
    public const uint BinaryNone = 0;
    public const uint BinaryCompiledObject = 1;
    public const uint BinaryLibrary = 2;
    public const uint BinaryExecutable = 4;

    public const uint KernelFunctionName = 0x1190;
    public const uint KernelNumArgs = 0x1191;
    public const uint KernelReferenceCount = 0x1192;
    public const uint KernelContext = 0x1193;
    public const uint KernelProgram = 0x1194;
    public const uint KernelAttributes = 0x1195;
    public const uint KernelArgAddressQualifier = 0x1196;
    public const uint KernelArgAccessQualifier = 0x1197;
    public const uint KernelArgTypeName = 0x1198;
    public const uint KernelArgTypeQualifier = 0x1199;
    public const uint KernelArgName = 0x119A;
    public const uint KernelArgAddressGlobal = 0x119B;
    public const uint KernelArgAccessReadOnly = 0x11A0;
    public const uint KernelWorkGroupSize = 0x11B0;
    public const uint KernelCompileWorkGroupSize = 0x11B1;
    public const uint KernelLocalMemSize = 0x11B2;
    public const uint KernelPreferredWorkGroupSizeMultiple = 0x11B3;
    public const uint KernelPrivateMemSize = 0x11B4;
    public const uint KernelGlobalWorkSize = 0x11B5;

    public const uint EventCommandQueue = 0x11D0;
    public const uint EventCommandType = 0x11D1;
    public const uint EventReferenceCount = 0x11D2;
    public const uint EventCommandExecutionStatus = 0x11D3;
    public const uint EventContext = 0x11D4;
    public const int Complete = 0;
    public const int Submitted = 2;
    public const int Queued = 3;

    public const uint ProfilingCommandQueued = 0x1280;
    public const uint ProfilingCommandSubmit = 0x1281;
    public const uint ProfilingCommandStart = 0x1282;
    public const uint ProfilingCommandEnd = 0x1283;
    public const uint ProfilingCommandComplete = 0x1284;

    public const uint CommandNdRangeKernel = 0x11F0;
    public const uint CommandTask = 0x11F1;
    public const uint CommandMarker = 0x11FE;
    public const uint CommandUser = 0x1204;
    public const uint CommandBarrier = 0x1205;
}
