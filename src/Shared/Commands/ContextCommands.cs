namespace GpuActors.Shared.Commands;

/// <summary>Creates a context over devices of the session.</summary>
/// <param name="Id">Client-chosen object id, not 0, not in use.</param>
/// <param name="Devices">Device ids of the Welcome or of <see cref="CreateSubDevices"/>.</param>
public readonly record struct CreateContext(ulong Id, IdList Devices) : ICommand, IFrameBody<CreateContext>
{
    public static Opcode Code => Opcode.CreateContext;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.Ids(Devices, ProtocolLimits.MaxDevices, "devices");
    }

    public static CreateContext Read(ref FrameReader reader) =>
        new(reader.U64("id"), reader.Ids(ProtocolLimits.MaxDevices, "devices"));
}

/// <summary>Partitions a device by compute units.</summary>
/// <param name="Parent">Device to partition.</param>
/// <param name="Counts">
/// Compute units of each sub-device (<c>BY_COUNTS</c>). A client turns <c>EQUALLY</c> into counts: it knows the units.
/// </param>
/// <param name="Ids">Client-chosen id of each sub-device, as many as counts.</param>
public readonly record struct CreateSubDevices(ulong Parent, IdList Counts, IdList Ids)
    : ICommand, IFrameBody<CreateSubDevices>
{
    public static Opcode Code => Opcode.CreateSubDevices;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Parent);
        writer.Ids(Counts, ProtocolLimits.MaxDevices, "counts");
        writer.Ids(Ids, ProtocolLimits.MaxDevices, "ids");
    }

    public static CreateSubDevices Read(ref FrameReader reader) => new(
        reader.U64("parent"), reader.Ids(ProtocolLimits.MaxDevices, "counts"),
        reader.Ids(ProtocolLimits.MaxDevices, "ids"));
}

/// <summary>Creates a command queue.</summary>
public readonly record struct CreateQueue(ulong Id, ulong Context, ulong Device, QueueFlags Flags = QueueFlags.None)
    : ICommand, IFrameBody<CreateQueue>
{
    public static Opcode Code => Opcode.CreateQueue;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
        writer.U64(Device);
        writer.U64((ulong)Flags);
    }

    public static CreateQueue Read(ref FrameReader reader) =>
        new(reader.U64("id"), reader.U64("context"), reader.U64("device"), (QueueFlags)reader.U64("flags"));
}

/// <summary>Creates a user event in the submitted state.</summary>
public readonly record struct CreateUserEvent(ulong Id, ulong Context) : ICommand, IFrameBody<CreateUserEvent>
{
    public static Opcode Code => Opcode.CreateUserEvent;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(Context);
    }

    public static CreateUserEvent Read(ref FrameReader reader) => new(reader.U64("id"), reader.U64("context"));
}

/// <summary>Completes a user event.</summary>
/// <param name="Id">The user event.</param>
/// <param name="Status">0 for complete; a negative code fails every command that waits for it.</param>
public readonly record struct SetUserEventStatus(ulong Id, int Status) : ICommand, IFrameBody<SetUserEventStatus>
{
    public static Opcode Code => Opcode.SetUserEventStatus;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.I32(Status);
    }

    public static SetUserEventStatus Read(ref FrameReader reader) => new(reader.U64("id"), reader.I32("status"));
}

/// <summary>
/// Releases objects of any kind. Reference counts stay with the client, which sends this once at zero; the ids may be
/// used again at once. Memory still used by enqueued commands lives until those are done.
/// </summary>
public readonly record struct Release(IdList Ids) : ICommand, IFrameBody<Release>
{
    public static Opcode Code => Opcode.Release;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.Ids(Ids, ProtocolLimits.MaxIds, "ids");

    public static Release Read(ref FrameReader reader) => new(reader.Ids(ProtocolLimits.MaxIds, "ids"));
}
