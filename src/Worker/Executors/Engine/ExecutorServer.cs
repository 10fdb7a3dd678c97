using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The worker's connection: opens and ends sessions, does the commands that the worker itself sends, or lends the
/// session to a client's stream until the worker's Reset. Its <see cref="Run"/> is the reader thread's whole life.
/// </summary>
internal sealed class ExecutorServer : CommandStream
{
    private readonly ulong _memoryBytesBesideSlice;
    private readonly WorkerLease? _lease;
    private readonly Lock _gate = new();
    private ClientStream? _client;
    private string? _tenant;

    public ExecutorServer(
        ClientTransport transport, ExecutorDevice device, ProgramCache programs, PrintfCapture printf, ExecutorOptions options,
        TimeProvider time, WorkerLease? lease = null, TurnGate? turns = null)
        : base(
            transport,
            new ExecutorParts(
                device, programs, new StagingPool(options.StagingBytes), printf, new ZeroPages(), time, turns))
    {
        _lease = lease;
        turns?.Start(Tracker);
        _memoryBytesBesideSlice = ProcessLimits.DataBytes() + options.OverheadBytes;
    }

    /// <summary>Clock.</summary>
    public TimeProvider Time => Parts.Time;

    /// <summary>Tells the worker that a session can begin.</summary>
    public void Greet()
    {
        OpenCL.OpenClDevice device = Parts.Device.Description;
        Outbox.Append(0, new ExecutorReady(
            ProtocolVersion.Newest, Environment.ProcessId, device.Name, device.MemoryBytes, device.ComputeUnits,
            device.CanPartition));
        Outbox.Flush();
    }

    /// <summary>Serves until the connection ends.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run()
    {
        try
        {
            ServeFrames();
            return ExitCode.Success;
        }
        catch (ProtocolException exception)
        {
            Say(new Goodbye(OpenClErrors.Protocol, exception.Message));
            return ExitCode.Protocol;
        }
    }

    /// <summary>
    /// Makes a client's transport the stream of the session that is open, until the worker's Reset. Called on the thread
    /// that then reads it.
    /// </summary>
    /// <returns>Null: no session is open, or the worker or another client has used it.</returns>
    public ClientStream? Lend(ClientTransport transport)
    {
        lock (_gate)
        {
            if (Session is not { IsUntouched: true } session)
                return null;
            Session = null;
            _client = new ClientStream(transport, Parts, session);
            return _client;
        }
    }

    protected override DataSink? Execute(in Frame frame)
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
                return base.Execute(frame);
        }
    }

    private void Open(ulong sequence, in OpenSession request)
    {
        try
        {
            Tracker.Complete(sequence, Open(request).Welcome());
        }
        catch (CommandFailure failure)
        {
            Tracker.Fail(sequence, failure.ToError());
        }
    }

    private Session Open(in OpenSession request)
    {
        lock (_gate)
        {
            if (Session is not null || _client is not null)
                throw new CommandFailure(OpenClErrors.SessionRefused, "a session is open: end it with Reset first");
            if (_tenant is not null && _tenant != request.Tenant)
                throw new CommandFailure(OpenClErrors.SessionRefused, "this executor has served another tenant");
            var session = new Session(Services, request);
            ProcessLimits.LimitData(request.MemoryBytes + _memoryBytesBesideSlice);
            _tenant = request.Tenant;
            Session = session;
            _lease?.HasSession = true;
            Parts.Printf.Attach(Outbox, PrintfCapture.MaxJobBytes);
            return session;
        }
    }

    private void EndSession(ulong sequence)
    {
        try
        {
            CloseSession();
            Parts.Turns?.Pump(); // nothing is held any more
            Parts.Turns?.Follow(Tracker);
            _lease?.HasSession = false;
            Parts.Printf.Drain();
            Parts.Printf.Attach(null);
            Parts.Staging.Clear();
            Tracker.ForgetErrors();
            Tracker.Fence(sequence);
        }
        catch (CommandFailure failure)
        {
            Tracker.Fail(sequence, failure.ToError());
        }
    }

    private void CloseSession()
    {
        ClientStream? client;
        Session? session;
        lock (_gate)
        {
            client = _client;
            session = Session;
            Session = null;
        }
        session?.Close();
        if (client is null)
            return;
        client.Close();
        lock (_gate)
            _client = null;
    }
}
