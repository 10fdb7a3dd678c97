using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Serves one connection: takes frames off the wire, opens and ends sessions, hands commands to the session. Its
/// <see cref="Run"/> is the reader thread's whole life.
/// </summary>
internal sealed class ExecutorServer : IDisposable
{
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(1);

    private readonly Inbox _inbox;
    private readonly Outbox _outbox;
    private readonly CommandTracker _tracker;
    private readonly SessionServices _services;
    private readonly ulong _memoryBytesBesideSlice;
    private readonly WorkerLease? _lease;
    private Session? _session;
    private string? _tenant;
    private ulong _lastSequence;

    public ExecutorServer(
        int socket, ExecutorDevice device, ProgramCache programs, PrintfCapture printf, ExecutorOptions options,
        TimeProvider time, WorkerLease? lease = null, TurnGate? turns = null)
    {
        _lease = lease;
        var staging = new StagingPool(options.StagingBytes);
        _inbox = new Inbox(socket);
        _outbox = new Outbox(socket, staging);
        _tracker = new CommandTracker(_outbox, staging, printf, time, turns);
        _services = new SessionServices(device, programs, _tracker, _outbox, staging, printf, new ZeroPages(), turns);
        turns?.Start(_tracker);
        _memoryBytesBesideSlice = ProcessLimits.DataBytes() + options.OverheadBytes;
    }

    /// <summary>Tells the worker that a session can begin.</summary>
    public void Greet()
    {
        OpenCL.OpenClDevice device = _services.Device.Description;
        _outbox.Append(0, new ExecutorReady(
            ProtocolVersion.Newest, Environment.ProcessId, device.Name, device.MemoryBytes, device.ComputeUnits,
            device.CanPartition));
        _outbox.Flush();
    }

    /// <summary>Serves until the connection ends.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run()
    {
        try
        {
            return ServeFrames();
        }
        catch (ProtocolException exception)
        {
            Say(new Goodbye(OpenClErrors.Protocol, exception.Message));
            return ExitCode.Protocol;
        }
    }

    public void Dispose() => _outbox.Dispose();

    private int ServeFrames()
    {
        while (true)
        {
            while (_inbox.TryPeek(out FrameHeader header))
            {
                if (header.Opcode == Opcode.Goodbye)
                    return ExitCode.Success;
                Serve(header);
            }
            Pause();
            if (!_inbox.Receive())
                return ExitCode.Success;
        }
    }

    private void Serve(in FrameHeader header)
    {
        if (header.Opcode == Opcode.Data)
            throw new ProtocolException($"Data #{header.Sequence}: no command before it announced data");
        if (header.Sequence != _lastSequence + 1)
        {
            throw new ProtocolException(
                $"{header.Opcode} #{header.Sequence}: the next sequence number is {_lastSequence + 1}");
        }
        _lastSequence = header.Sequence;
        Frame frame = _inbox.TakeFrame(header);
        if (!Begin(frame))
            return;
        DataSink? data = Execute(frame);
        if (data is not null)
            ReceiveData(header, data);
        if (_outbox.IsFull)
            _outbox.WaitForRoom();
    }

    private bool Begin(in Frame frame)
    {
        if (_session is { } session && _tracker.IsFull(frame.Sequence))
            session.EndOfBatch();
        if (_tracker.Begin(frame.Sequence, _inbox.ConsumedBytes, () => _session?.MayWait() ?? true))
            return true;
        // The command cannot even be booked; what a client must do is known only to itself.
        throw new ProtocolException(
            $"{frame.Opcode} #{frame.Sequence}: {CommandTracker.Depth} commands wait, and a user event that is not set " +
            "may hold them; set it before sending more");
    }

    private DataSink? Execute(in Frame frame)
    {
        switch (frame.Opcode)
        {
            case Opcode.OpenSession:
                Open(frame.Sequence, CommandReader.Read<OpenSession>(frame));
                return null;
            case Opcode.Reset:
                CommandReader.Read<Reset>(frame);
                EndSession(frame.Sequence);
                return null;
            default:
                return _session is { } session
                    ? session.Execute(frame)
                    : throw new ProtocolException($"{frame.Opcode} #{frame.Sequence}: no session is open");
        }
    }

    private void Open(ulong sequence, in OpenSession request)
    {
        try
        {
            if (_session is not null)
                throw new CommandFailure(OpenClErrors.SessionRefused, "a session is open: end it with Reset first");
            if (_tenant is not null && _tenant != request.Tenant)
                throw new CommandFailure(OpenClErrors.SessionRefused, "this executor has served another tenant");
            var session = new Session(_services, request);
            ProcessLimits.LimitData(request.MemoryBytes + _memoryBytesBesideSlice);
            _tenant = request.Tenant;
            _session = session;
            _lease?.HasSession = true;
            _services.Printf.Attach(_outbox);
            _tracker.Complete(sequence, session.Welcome());
        }
        catch (CommandFailure failure)
        {
            _tracker.Fail(sequence, failure.ToError());
        }
    }

    private void EndSession(ulong sequence)
    {
        try
        {
            _session?.Close();
            _session = null;
            _services.Turns?.Pump(); // nothing is held any more
            _lease?.HasSession = false;
            _services.Printf.Drain();
            _services.Printf.Attach(null);
            _services.Staging.Clear();
            _tracker.ForgetErrors();
            _tracker.Fence(sequence);
        }
        catch (CommandFailure failure)
        {
            _tracker.Fail(sequence, failure.ToError());
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
            _services.Turns?.CountBytes(length, 0);
            _tracker.CountBytes(_inbox.ConsumedBytes);
            _tracker.AcknowledgeIfDue();
        }
        data.Finish();
    }

    private FrameHeader NextHeader()
    {
        FrameHeader header;
        while (!_inbox.TryPeek(out header))
        {
            Pause();
            if (!_inbox.Receive())
                throw new ProtocolException("the connection ended within a command's data");
        }
        return header;
    }

    private void Pause()
    {
        if (_session is { } session)
        {
            session.EndOfBatch();
            return;
        }
        _tracker.AcknowledgeIfDue();
        _outbox.Flush();
    }

    private void Say(Goodbye goodbye)
    {
        _outbox.Append(0, goodbye);
        _outbox.WaitUntilSent(LastWordsPatience);
    }
}
