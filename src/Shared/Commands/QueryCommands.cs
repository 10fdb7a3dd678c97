namespace GpuActors.Shared.Commands;

/// <summary>What a <see cref="Query"/> asks about.</summary>
public enum QueryKind : ushort
{
    /// <summary><c>clGetPlatformInfo</c>; object 0.</summary>
    Platform = 1,

    /// <summary><c>clGetDeviceInfo</c> as the slice presents it; object: device.</summary>
    Device = 2,

    /// <summary><c>clGetContextInfo</c>.</summary>
    Context = 3,

    /// <summary><c>clGetCommandQueueInfo</c>.</summary>
    Queue = 4,

    /// <summary><c>clGetMemObjectInfo</c>; buffers and images.</summary>
    Memory = 5,

    /// <summary><c>clGetImageInfo</c>.</summary>
    Image = 6,

    /// <summary><c>clGetSamplerInfo</c>.</summary>
    Sampler = 7,

    /// <summary><c>clGetProgramInfo</c>, without source and binaries.</summary>
    Program = 8,

    /// <summary><c>clGetProgramBuildInfo</c>; argument: device.</summary>
    ProgramBuild = 9,

    /// <summary><c>clGetKernelInfo</c>.</summary>
    Kernel = 10,

    /// <summary><c>clGetKernelArgInfo</c>; argument: index.</summary>
    KernelArgument = 11,

    /// <summary><c>clGetKernelWorkGroupInfo</c>; argument: device.</summary>
    KernelWorkGroup = 12,

    /// <summary><c>clGetEventInfo</c>.</summary>
    Event = 13,

    /// <summary>What the session uses: see <see cref="SessionInfo"/>.</summary>
    Session = 14,
}

/// <summary>Names of a <see cref="QueryKind.Session"/> answer; each value is a u64.</summary>
public enum SessionInfo : uint
{
    MemoryLimitBytes = 1,
    MemoryUsedBytes = 2,
    MemoryPeakBytes = 3,
    Objects = 4,
    CommandsInFlight = 5,
    ProgramsCached = 6,
    ProgramCacheHits = 7,
    PrintfBytesDropped = 8,
}

/// <summary>
/// Asks for every property of an object in one round trip. Properties that are handles of other objects are left out:
/// the client chose those objects and knows them.
/// </summary>
/// <param name="Kind">What kind of object.</param>
/// <param name="Object">Its id.</param>
/// <param name="Argument">Argument index or device id, where the kind needs one.</param>
public readonly record struct Query(QueryKind Kind, ulong Object, ulong Argument = 0)
    : ICommand<Info>, IFrameBody<Query>
{
    public static Opcode Code => Opcode.Query;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U16((ushort)Kind);
        writer.U64(Object);
        writer.U64(Argument);
    }

    public static Query Read(ref FrameReader reader) =>
        new((QueryKind)reader.U16("kind"), reader.U64("object"), reader.U64("argument"));
}

/// <summary>Asks for an event's state now.</summary>
public readonly record struct QueryEvent(ulong Event) : ICommand<EventStatus>, IFrameBody<QueryEvent>
{
    public static Opcode Code => Opcode.QueryEvent;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(Event);

    public static QueryEvent Read(ref FrameReader reader) => new(reader.U64("event"));
}

/// <summary>Asks to be told once an event has reached a state (or failed): one reply, as late as that.</summary>
/// <param name="Event">Event id.</param>
/// <param name="Status">0 complete, 1 running, 2 submitted.</param>
public readonly record struct SubscribeEvent(ulong Event, int Status = 0)
    : ICommand<EventStatus>, IFrameBody<SubscribeEvent>
{
    public static Opcode Code => Opcode.SubscribeEvent;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Event);
        writer.I32(Status);
    }

    public static SubscribeEvent Read(ref FrameReader reader) => new(reader.U64("event"), reader.I32("status"));
}

/// <summary>Asks for the image formats that a context supports.</summary>
public readonly record struct GetImageFormats(ulong Context, MemFlags Flags, MemObjectType Type)
    : ICommand<ImageFormats>, IFrameBody<GetImageFormats>
{
    public static Opcode Code => Opcode.GetImageFormats;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Context);
        writer.U64((ulong)Flags);
        writer.U32((uint)Type);
    }

    public static GetImageFormats Read(ref FrameReader reader) =>
        new(reader.U64("context"), (MemFlags)reader.U64("flags"), (MemObjectType)reader.U32("image type"));
}

/// <summary>
/// How often and how long the program has waited for answers, so far: what is left of it when the executor's own time is
/// taken away is the network's. No reply.
/// </summary>
/// <param name="Waits">Waits of the program's threads: round trips.</param>
/// <param name="WaitedNs">Nanoseconds in which at least one of them waited.</param>
public readonly record struct ReportWaits(ulong Waits, ulong WaitedNs) : ICommand, IFrameBody<ReportWaits>
{
    public static Opcode Code => Opcode.ReportWaits;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Waits);
        writer.U64(WaitedNs);
    }

    public static ReportWaits Read(ref FrameReader reader) => new(reader.U64("waits"), reader.U64("waited"));
}
