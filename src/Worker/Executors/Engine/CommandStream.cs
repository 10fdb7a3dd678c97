using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>What all streams of an executor process have in common.</summary>
internal sealed record ExecutorParts(
    ExecutorDevice Device, ProgramCache Programs, StagingPool Staging, PrintfCapture Printf, ZeroPages Zeros,
    TimeProvider Time, TurnGate? Turns);

/// <summary>
/// One transport with a command stream: takes frames off the wire, hands commands to the session, answers. It is the
/// worker's own (<see cref="ExecutorServer"/>) or that of a client (<see cref="ClientStream"/>).
/// </summary>
internal abstract class CommandStream : IDisposable
{
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(1);

    private readonly Inbox _inbox;
    private readonly Func<bool> _mayWait;

    protected CommandStream(ClientTransport transport, ExecutorParts parts)
    {
        Parts = parts;
        _inbox = new Inbox(transport);
        Outbox = new Outbox(transport, parts.Staging);
        Tracker = new CommandTracker(Outbox, parts.Staging, parts.Printf, parts.Time, parts.Turns);
        Services = new SessionServices(
            parts.Device, parts.Programs, Tracker, Outbox, parts.Staging, parts.Printf, parts.Zeros, parts.Turns);
        _mayWait = () => Session?.MayWait() ?? true;
    }

    protected ExecutorParts Parts { get; }

    protected Outbox Outbox { get; }

    protected CommandTracker Tracker { get; }

    /// <summary>For a session whose commands come by this stream.</summary>
    protected SessionServices Services { get; }

    /// <summary>The session whose commands come by this stream; null: none does.</summary>
    protected Session? Session { get; set; }

    /// <summary>Number of the newest command.</summary>
    protected ulong LastSequence { get; private set; }

    /// <summary>Bytes taken off the wire so far. For the reader.</summary>
    protected ulong ReceivedBytes => _inbox.ConsumedBytes;

    public virtual void Dispose() => Outbox.Dispose();

    /// <summary>Reads and does commands until the peer says Goodbye or is gone.</summary>
    /// <returns>The peer's Goodbye; null: it is gone without one.</returns>
    /// <exception cref="ProtocolException">What it sent is not the protocol.</exception>
    protected Goodbye? ServeFrames()
    {
        while (true)
        {
            while (_inbox.TryPeek(out FrameHeader header))
            {
                if (header.Opcode == Opcode.Goodbye)
                    return CommandReader.Read<Goodbye>(_inbox.TakeFrame(header));
                Serve(header);
            }
            Pause();
            if (!_inbox.Receive())
                return null;
        }
    }

    /// <summary>Says why the stream ends, if the peer still listens.</summary>
    protected void Say(Goodbye goodbye)
    {
        Outbox.Append(0, goodbye);
        SendRest();
    }

    /// <summary>Sends what there is, if the peer still takes it.</summary>
    protected void SendRest() => Outbox.WaitUntilSent(LastWordsPatience);

    /// <summary>What the reader found in one go is done.</summary>
    protected virtual void Pause()
    {
        if (Session is { } session)
        {
            session.EndOfBatch();
            return;
        }
        Tracker.AcknowledgeIfDue();
        Outbox.Flush();
    }

    /// <summary>Does a command. One that carries data returns where the data goes.</summary>
    protected virtual DataSink? Execute(in Frame frame) => Session is { } session
        ? session.Execute(frame)
        : throw new ProtocolException($"{frame.Opcode} #{frame.Sequence}: no session is open");

    private void Serve(in FrameHeader header)
    {
        if (header.Opcode == Opcode.Data)
            throw new ProtocolException($"Data #{header.Sequence}: no command before it announced data");
        if (header.Sequence != LastSequence + 1)
        {
            throw new ProtocolException(
                $"{header.Opcode} #{header.Sequence}: the next sequence number is {LastSequence + 1}");
        }
        LastSequence = header.Sequence;
        Frame frame = _inbox.TakeFrame(header);
        Begin(frame);
        DataSink? data = Execute(frame);
        if (data is not null)
            ReceiveOrAbandon(header, data);
        if (Outbox.IsFull)
            Outbox.WaitForRoom();
    }

    private void Begin(in Frame frame)
    {
        if (Session is { } session && Tracker.IsFull(frame.Sequence))
            session.EndOfBatch();
        if (Tracker.Begin(frame.Sequence, _inbox.ConsumedBytes, _mayWait))
            return;
        // The command cannot even be booked; what a client must do is known only to itself.
        throw new ProtocolException(
            $"{frame.Opcode} #{frame.Sequence}: {CommandTracker.Depth} commands wait, and a user event that is not set " +
            "may hold them; set it before sending more");
    }

    private void ReceiveOrAbandon(in FrameHeader command, DataSink data)
    {
        try
        {
            ReceiveData(command, data);
        }
        catch (ProtocolException)
        {
            data.Abandon();
            throw;
        }
    }

    private void ReceiveData(in FrameHeader command, DataSink data)
    {
        while (!data.IsComplete)
        {
            FrameHeader header = NextHeader();
            if (header.Opcode != Opcode.Data || header.Sequence != command.Sequence)
            {
                throw new ProtocolException(
                    $"{header.Opcode} #{header.Sequence}: data of {command.Opcode} #{command.Sequence} is missing");
            }
            if (header.PayloadBytes <= Data.PrefixBytes)
                throw new ProtocolException($"Data #{header.Sequence}: a piece without bytes");
            _inbox.Take(FrameHeader.SizeBytes);
            ulong offset = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(_inbox.Take(Data.PrefixBytes));
            int length = header.PayloadBytes - Data.PrefixBytes;
            if (!_inbox.Fill(data.Begin(header.Sequence, offset, length)))
                throw new ProtocolException($"Data #{header.Sequence}: the connection ended within it");
            data.End(offset, length);
            Parts.Turns?.CountBytes(length, 0);
            Tracker.CountBytes(_inbox.ConsumedBytes);
            Tracker.AcknowledgeIfDue();
        }
        data.Finish();
    }

    private FrameHeader NextHeader()
    {
        FrameHeader header;
        while (!_inbox.TryPeek(out header))
        {
            Pause();
            if (!_inbox.ReceiveDataHeader())
                throw new ProtocolException("the connection ended within a command's data");
        }
        return header;
    }
}
