namespace GpuActors.Shared.Commands;

/// <summary>Hard maxima of the protocol, checked before anything is allocated. All sizes in bytes.</summary>
public static class ProtocolLimits
{
    /// <summary>Largest payload of one frame. Longer data travels as several <see cref="Opcode.Data"/> frames.</summary>
    public const int MaxPayloadBytes = 1 << 20;

    /// <summary>Largest frame on the wire.</summary>
    public const int MaxFrameBytes = FrameHeader.SizeBytes + MaxPayloadBytes;

    /// <summary>Data bytes that a sender puts in one Data frame; a receiver takes up to the payload's limit.</summary>
    public const int DataChunkBytes = 256 << 10;

    /// <summary>Events in one wait list.</summary>
    public const int MaxWaitList = 4096;

    /// <summary>Object ids in one list (release, migrate, compile, link).</summary>
    public const int MaxIds = 16384;

    /// <summary>Arguments of one kernel.</summary>
    public const int MaxKernelArguments = 1024;

    /// <summary>Bytes of one by-value kernel argument; no device offers more for all of them together.</summary>
    public const int MaxArgumentBytes = 32 << 10;

    /// <summary>UTF-8 bytes of build options, of an error's text, of a list of include names.</summary>
    public const int MaxTextBytes = 64 << 10;

    /// <summary>UTF-8 bytes of a name: session, tenant, kernel, device, include file.</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>Bytes of a signed ticket.</summary>
    public const int MaxTicketBytes = 4096;

    /// <summary>Bytes of a certificate, and of its key.</summary>
    public const int MaxCertificateBytes = 4096;

    /// <summary>UTF-8 bytes of a program's source.</summary>
    public const int MaxSourceBytes = 16 << 20;

    /// <summary>Bytes of a program's binary, wrapper included.</summary>
    public const int MaxBinaryBytes = 256 << 20;

    /// <summary>UTF-8 bytes of a build log that is sent; the middle of a longer one is cut out.</summary>
    public const int MaxLogBytes = 256 << 10;

    /// <summary>Bytes of a fill pattern (OpenCL's largest vector, double16).</summary>
    public const int MaxPatternBytes = 128;

    /// <summary>Entries of one Info reply, kernels of one description, image formats of one list.</summary>
    public const int MaxEntries = 4096;

    /// <summary>Devices of one session, sub-devices of one partition.</summary>
    public const int MaxDevices = 256;
}
