namespace GpuActors.Interception.Objects;

/// <summary>Numbers of the standard about memory objects, samplers and transfers.</summary>
internal static class MemoryNames
{
    public const int MemCopyOverlap = -8;
    public const int ImageFormatMismatch = -9;
    public const int ImageFormatNotSupported = -10;

    public const uint DeviceImage2DMaxWidth = 0x1011;
    public const uint DeviceImage2DMaxHeight = 0x1012;
    public const uint DeviceImage3DMaxWidth = 0x1013;
    public const uint DeviceImage3DMaxHeight = 0x1014;
    public const uint DeviceImage3DMaxDepth = 0x1015;
    public const uint DeviceMemBaseAddressAlign = 0x1019;
    public const uint DeviceImageMaxBufferSize = 0x1040;
    public const uint DeviceImageMaxArraySize = 0x1041;
    public const uint DeviceImagePitchAlignment = 0x104A;

    public const uint MemType = 0x1100;
    public const uint MemFlagBits = 0x1101;
    public const uint MemSize = 0x1102;
    public const uint MemHostPointer = 0x1103;
    public const uint MemMapCount = 0x1104;
    public const uint MemReferenceCount = 0x1105;
    public const uint MemContext = 0x1106;
    public const uint MemAssociated = 0x1107;
    public const uint MemOffset = 0x1108;
    public const uint MemUsesSvmPointer = 0x1109;
    public const uint MemProperties = 0x110A;

    public const uint ImageFormat = 0x1110;
    public const uint ImageElementSize = 0x1111;
    public const uint ImageRowPitch = 0x1112;
    public const uint ImageSlicePitch = 0x1113;
    public const uint ImageWidth = 0x1114;
    public const uint ImageHeight = 0x1115;
    public const uint ImageDepth = 0x1116;
    public const uint ImageArraySize = 0x1117;
    public const uint ImageBuffer = 0x1118;
    public const uint ImageMipLevels = 0x1119;
    public const uint ImageSamples = 0x111A;

    public const uint SamplerReferenceCount = 0x1150;
    public const uint SamplerContext = 0x1151;
    public const uint SamplerNormalized = 0x1152;
    public const uint SamplerAddressing = 0x1153;
    public const uint SamplerFilter = 0x1154;
    public const uint SamplerProperties = 0x1158;

    public const uint RegionOfBuffer = 0x1220;

    public const ulong MapRead = 1;
    public const ulong MapWrite = 2;
    public const ulong MapInvalidate = 4;

    public const ulong MigrateKnown = 3;
    public const ulong MigrateContentUndefined = 2;

    public const uint CommandReadBuffer = 0x11F3;
    public const uint CommandWriteBuffer = 0x11F4;
    public const uint CommandCopyBuffer = 0x11F5;
    public const uint CommandReadImage = 0x11F6;
    public const uint CommandWriteImage = 0x11F7;
    public const uint CommandCopyImage = 0x11F8;
    public const uint CommandCopyImageToBuffer = 0x11F9;
    public const uint CommandCopyBufferToImage = 0x11FA;
    public const uint CommandMapBuffer = 0x11FB;
    public const uint CommandMapImage = 0x11FC;
    public const uint CommandUnmap = 0x11FD;
    public const uint CommandReadBufferRect = 0x1201;
    public const uint CommandWriteBufferRect = 0x1202;
    public const uint CommandCopyBufferRect = 0x1203;
    public const uint CommandMigrate = 0x1206;
    public const uint CommandFillBuffer = 0x1207;
    public const uint CommandFillImage = 0x1208;
}
