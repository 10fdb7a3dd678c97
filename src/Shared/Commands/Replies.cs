namespace GpuActors.Shared.Commands;

/// <summary>How far the executor is. Sent unasked, and before every reply that would overtake it.</summary>
/// <param name="Processed">Highest sequence number that was taken off the wire; opens the send window.</param>
/// <param name="ProcessedBytes">Bytes taken off the wire since the session began, headers included.</param>
/// <param name="Completed">Every command up to this number is done or failed: a replay log may drop them.</param>
public readonly record struct Ack(ulong Processed, ulong ProcessedBytes, ulong Completed) : IFrameBody<Ack>
{
    public static Opcode Code => Opcode.Ack;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Processed);
        writer.U64(ProcessedBytes);
        writer.U64(Completed);
    }

    public static Ack Read(ref FrameReader reader) =>
        new(reader.U64("processed"), reader.U64("processed bytes"), reader.U64("completed"));
}

/// <summary>
/// A command failed. It is the reply of a command that has one; of the others it comes unasked. The object that the
/// command should have made stays failed: later uses of it fail with the same code, in order.
/// </summary>
/// <param name="Code">OpenCL error code, negative; see <see cref="OpenClErrors"/>.</param>
/// <param name="Object">The object that failed, or 0.</param>
/// <param name="Text">What was wrong, and what would be right.</param>
public readonly record struct Error(int Code, ulong Object, string Text) : IFrameBody<Error>
{
    static Opcode IFrameBody<Error>.Code => Opcode.Error;

    public Opcode Opcode => Opcode.Error;

    public void Write(ref FrameWriter writer)
    {
        writer.I32(Code);
        writer.U64(Object);
        writer.Text(Text, ProtocolLimits.MaxTextBytes, "text");
    }

    public static Error Read(ref FrameReader reader) =>
        new(reader.I32("code"), reader.U64("object"), reader.Text(ProtocolLimits.MaxTextBytes, "text"));
}

/// <summary>The command that asked is done; data that it asked for was sent before.</summary>
/// <param name="DataBytes">Bytes of those Data frames together.</param>
public readonly record struct Done(ulong DataBytes = 0) : IFrameBody<Done>
{
    public static Opcode Code => Opcode.Done;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(DataBytes);

    public static Done Read(ref FrameReader reader) => new(reader.U64("data bytes"));
}

/// <summary>One property: the number that the standard gives it, and its value as the standard lays it out.</summary>
public readonly record struct InfoEntry(uint Name, Bytes Value)
{
    internal const int WireBytesMin = 8;
}

/// <summary>All properties of an object. The values are copies, they outlive the frame.</summary>
public readonly record struct Info(IReadOnlyList<InfoEntry> Entries) : IFrameBody<Info>
{
    public static Opcode Code => Opcode.Info;

    public Opcode Opcode => Code;

    /// <summary>The value of a property, or null when the object has none of that name.</summary>
    public Bytes? Find(uint name)
    {
        foreach (InfoEntry entry in Entries)
        {
            if (entry.Name == name)
                return entry.Value;
        }
        return null;
    }

    public void Write(ref FrameWriter writer)
    {
        writer.Count(Entries.Count, ProtocolLimits.MaxEntries, "entries");
        foreach (InfoEntry entry in Entries)
        {
            writer.U32(entry.Name);
            writer.Bytes(entry.Value.Span, ProtocolLimits.MaxPayloadBytes, "value");
        }
    }

    public static Info Read(ref FrameReader reader)
    {
        var entries = new InfoEntry[reader.Count(ProtocolLimits.MaxEntries, InfoEntry.WireBytesMin, "entries")];
        for (var i = 0; i < entries.Length; i++)
        {
            uint name = reader.U32("name");
            entries[i] = new InfoEntry(name, reader.Bytes(ProtocolLimits.MaxPayloadBytes, "value").ToArray());
        }
        return new Info(entries);
    }
}

/// <summary>An event's state, and its times when its queue profiles and it is complete.</summary>
/// <param name="Event">Event id; 0 when the command had none and asked for notification only.</param>
/// <param name="Status">0 complete, 1 running, 2 submitted, 3 queued, negative: failed with that code.</param>
/// <param name="HasTimes">Whether the times are there.</param>
/// <param name="QueuedNs">Device clock, nanoseconds.</param>
/// <param name="SubmitNs">Device clock, nanoseconds.</param>
/// <param name="StartNs">Device clock, nanoseconds.</param>
/// <param name="EndNs">Device clock, nanoseconds.</param>
public readonly record struct EventStatus(
    ulong Event, int Status, bool HasTimes = false, ulong QueuedNs = 0, ulong SubmitNs = 0, ulong StartNs = 0,
    ulong EndNs = 0)
    : IFrameBody<EventStatus>
{
    public static Opcode Code => Opcode.EventStatus;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U64(Event);
        writer.I32(Status);
        writer.Bool(HasTimes);
        writer.U64(QueuedNs);
        writer.U64(SubmitNs);
        writer.U64(StartNs);
        writer.U64(EndNs);
    }

    public static EventStatus Read(ref FrameReader reader) => new(
        reader.U64("event"), reader.I32("status"), reader.Bool("has times"), reader.U64("queued"),
        reader.U64("submit"), reader.U64("start"), reader.U64("end"));
}

/// <summary>How a build, compile or link ended.</summary>
/// <param name="Code">0, or the OpenCL error, such as <c>CL_BUILD_PROGRAM_FAILURE</c>.</param>
/// <param name="Log">The compiler's log; the middle of a very long one is cut out.</param>
public readonly record struct BuildResult(int Code, string Log) : IFrameBody<BuildResult>
{
    static Opcode IFrameBody<BuildResult>.Code => Opcode.BuildResult;

    public Opcode Opcode => Opcode.BuildResult;

    /// <summary>Whether the program can be used.</summary>
    public bool Succeeded => Code == 0;

    public void Write(ref FrameWriter writer)
    {
        writer.I32(Code);
        writer.Text(Log, ProtocolLimits.MaxLogBytes, "log");
    }

    public static BuildResult Read(ref FrameReader reader) =>
        new(reader.I32("code"), reader.Text(ProtocolLimits.MaxLogBytes, "log"));
}

/// <summary>The image formats of a context.</summary>
public readonly record struct ImageFormats(IReadOnlyList<ImageFormat> Formats) : IFrameBody<ImageFormats>
{
    public static Opcode Code => Opcode.ImageFormats;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.Count(Formats.Count, ProtocolLimits.MaxEntries, "formats");
        foreach (ImageFormat format in Formats)
            format.Write(ref writer);
    }

    public static ImageFormats Read(ref FrameReader reader)
    {
        var formats = new ImageFormat[reader.Count(ProtocolLimits.MaxEntries, ImageFormat.WireBytes, "formats")];
        for (var i = 0; i < formats.Length; i++)
            formats[i] = ImageFormat.Read(ref reader);
        return new ImageFormats(formats);
    }
}

/// <summary>What kernels printed, in order. A kernel's output comes before the end of its command is reported.</summary>
/// <param name="Text">Bytes as printed; the rest of the frame.</param>
public readonly record struct Printf(Bytes Text) : IFrameBody<Printf>
{
    public static Opcode Code => Opcode.Printf;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.Raw(Text.Span);

    public static Printf Read(ref FrameReader reader) => new(reader.Rest());
}
