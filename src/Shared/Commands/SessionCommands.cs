namespace GpuActors.Shared.Commands;

/// <summary>
/// First frame of a client: which versions it speaks, whose session it wants, and the ticket that allows it.
/// Answered by <see cref="Welcome"/> or <see cref="Goodbye"/>.
/// </summary>
/// <param name="VersionMin">Oldest version that the client speaks.</param>
/// <param name="VersionMax">Newest version that the client speaks.</param>
/// <param name="Connection">Which of the session's connections this is.</param>
/// <param name="Session">Session id, <c>TENANT/NAME</c>.</param>
/// <param name="Epoch">Attempt of the session that the client was told of.</param>
/// <param name="Ticket">Signed by the scheduler; its form is not this protocol's matter.</param>
public readonly record struct Hello(
    ushort VersionMin, ushort VersionMax, ConnectionKind Connection, string Session, ulong Epoch, Bytes Ticket)
    : ICommand<Welcome>, IFrameBody<Hello>
{
    /// <summary>"GPUA" in the first four bytes of the payload: other protocols' first bytes are told apart at once.</summary>
    public const uint Magic = 0x41555047;

    public static Opcode Code => Opcode.Hello;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U32(Magic);
        writer.U16(VersionMin);
        writer.U16(VersionMax);
        writer.U8((byte)Connection);
        writer.U64(Epoch);
        writer.Text(Session, ProtocolLimits.MaxNameBytes, "session");
        writer.Bytes(Ticket.Span, ProtocolLimits.MaxTicketBytes, "ticket");
    }

    public static Hello Read(ref FrameReader reader)
    {
        if (reader.U32("magic") != Magic)
            throw reader.Wrong("magic", "is not \"GPUA\"");
        ushort min = reader.U16("oldest version");
        ushort max = reader.U16("newest version");
        byte kind = reader.U8("connection");
        if (kind > (byte)ConnectionKind.Bulk)
            throw reader.Wrong("connection", $"is {kind}; 0 (main) or 1 (bulk) is allowed");
        ulong epoch = reader.U64("epoch");
        string session = reader.Text(ProtocolLimits.MaxNameBytes, "session");
        return new Hello(min, max, (ConnectionKind)kind, session, epoch,
            reader.Bytes(ProtocolLimits.MaxTicketBytes, "ticket"));
    }
}

/// <summary>Which of a session's connections.</summary>
public enum ConnectionKind : byte
{
    /// <summary>Commands, replies, and data while there is no bulk connection.</summary>
    Main = 0,

    /// <summary>Data frames only. Reserved: version 1 refuses it.</summary>
    Bulk = 1,

    /// <summary>To a gateway only: nothing is said; while it is there, so is the session's client.</summary>
    Hold = 2,

    /// <summary>To a gateway only: as <see cref="Resumable"/>, for a stream whose connection was lost.</summary>
    Resume = 3,

    /// <summary>To a gateway only: as <see cref="Main"/>, in records, so that another connection can go on with the stream.</summary>
    Resumable = 4,
}

/// <summary>
/// Worker to executor: serve this session from now on. Answered by <see cref="Welcome"/>, or an Error when another
/// session is open, the tenant is another than this process has served, or the device cannot give what is asked for.
/// </summary>
/// <param name="Session">Session id, <c>TENANT/NAME</c>.</param>
/// <param name="Tenant">Whose it is. An executor that served one tenant refuses every other.</param>
/// <param name="Epoch">Attempt of the session.</param>
/// <param name="MemoryBytes">Device memory that the session may have allocated at one time.</param>
/// <param name="ComputeUnits">Compute units of the slice; 0 for all of the device.</param>
/// <param name="DeviceName">Name that the session sees; empty for the device's own.</param>
/// <param name="PresentAsGpu">
/// True: the session sees <c>CL_DEVICE_TYPE_GPU</c> whatever the device is, and as much memory as its slice has, also if
/// the device has less.
/// </param>
/// <param name="PresentedUnits">Compute units that the session sees; 0 for those that it has.</param>
public readonly record struct OpenSession(
    string Session, string Tenant, ulong Epoch, ulong MemoryBytes, uint ComputeUnits, string DeviceName,
    bool PresentAsGpu = false, uint PresentedUnits = 0)
    : ICommand<Welcome>, IFrameBody<OpenSession>
{
    /// <summary>File of the ledger in which all executors of the session book their memory; empty: there is only this one.</summary>
    public string Ledger { get; init; } = "";

    /// <summary>This executor's entry in it.</summary>
    public uint LedgerEntry { get; init; }

    public static Opcode Code => Opcode.OpenSession;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Epoch);
        writer.U64(MemoryBytes);
        writer.U32(ComputeUnits);
        writer.U32(PresentedUnits);
        writer.Bool(PresentAsGpu);
        writer.Text(Session, ProtocolLimits.MaxNameBytes, "session");
        writer.Text(Tenant, ProtocolLimits.MaxNameBytes, "tenant");
        writer.Text(DeviceName, ProtocolLimits.MaxNameBytes, "device name");
        writer.Text(Ledger, ProtocolLimits.MaxNameBytes, "ledger");
        writer.U32(LedgerEntry);
    }

    public static OpenSession Read(ref FrameReader reader)
    {
        ulong epoch = reader.U64("epoch");
        ulong memoryBytes = reader.U64("memory");
        uint computeUnits = reader.U32("compute units");
        uint presentedUnits = reader.U32("presented units");
        bool presentAsGpu = reader.Bool("present as GPU");
        return new OpenSession(
            reader.Text(ProtocolLimits.MaxNameBytes, "session"), reader.Text(ProtocolLimits.MaxNameBytes, "tenant"),
            epoch, memoryBytes, computeUnits, reader.Text(ProtocolLimits.MaxNameBytes, "device name"), presentAsGpu,
            presentedUnits)
        {
            Ledger = reader.Text(ProtocolLimits.MaxNameBytes, "ledger"), LedgerEntry = reader.U32("ledger entry"),
        };
    }
}

/// <summary>
/// Worker to executor: end the session. Everything it made is zeroed and released once its commands are done; the
/// <see cref="Done"/> says that the next session of the same tenant may be opened.
/// </summary>
public readonly record struct Reset : ICommand<Done>, IFrameBody<Reset>
{
    public static Opcode Code => Opcode.Reset;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
    }

    public static Reset Read(ref FrameReader reader) => default;
}

/// <summary>Either side: this connection ends now, in order, and why.</summary>
/// <param name="Code">0 for "as asked"; otherwise an OpenCL or GpuActors error code.</param>
/// <param name="Text">For people.</param>
public readonly record struct Goodbye(int Code, string Text) : ICommand, IFrameBody<Goodbye>
{
    static Opcode IFrameBody<Goodbye>.Code => Opcode.Goodbye;

    public Opcode Opcode => Opcode.Goodbye;

    public void Write(ref FrameWriter writer)
    {
        writer.I32(Code);
        writer.Text(Text, ProtocolLimits.MaxTextBytes, "text");
    }

    public static Goodbye Read(ref FrameReader reader) =>
        new(reader.I32("code"), reader.Text(ProtocolLimits.MaxTextBytes, "text"));
}

/// <summary>
/// A piece of the data of the command with the same sequence number, in either direction. From a client the pieces
/// follow their command directly, without gaps and in order; from an executor pieces of several reads may alternate.
/// </summary>
/// <param name="Offset">Where the piece belongs, in bytes from the start of the command's data.</param>
/// <param name="Content">The bytes; the rest of the frame.</param>
public readonly record struct Data(ulong Offset, Bytes Content) : ICommand, IFrameBody<Data>
{
    /// <summary>Payload bytes before the content.</summary>
    public const int PrefixBytes = sizeof(ulong);

    /// <summary>Most bytes that fit into one frame.</summary>
    public const int MaxContentBytes = ProtocolLimits.MaxPayloadBytes - PrefixBytes;

    public static Opcode Code => Opcode.Data;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Offset);
        writer.Raw(Content.Span);
    }

    public static Data Read(ref FrameReader reader) => new(reader.U64("offset"), reader.Rest());
}
