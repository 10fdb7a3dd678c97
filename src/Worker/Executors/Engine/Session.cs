using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>What a session's commands work with, beside the session's own state.</summary>
internal sealed record SessionServices(
    ExecutorDevice Device, ProgramCache Programs, CommandTracker Tracker, Outbox Outbox, StagingPool Staging,
    PrintfCapture Printf, ZeroPages Zeros, TurnGate? Turns = null);

/// <summary>
/// Executes one session's commands. All of it runs on the reader thread; what the device finishes comes back through
/// the <see cref="CommandTracker"/>.
/// </summary>
internal sealed unsafe partial class Session
{
    /// <summary>The slice's device id; the high bit keeps it apart from what clients choose.</summary>
    public const ulong RootDeviceId = 0x8000_0000_0000_0001;

    private const int MaxObjects = 1 << 18;
    private const int MaxPrograms = 1024;
    private const long MaxSourceBytes = 64 << 20;

    private SessionServices _services;
    private readonly OpenSession _request;
    private readonly DevicePart _part;
    private readonly MemoryAccount _account;
    private readonly ulong _maxAllocationBytes;
    private readonly Dictionary<ulong, SessionObject> _objects = [];
    private readonly List<QueueObject> _dirty = [];
    private readonly Func<bool> _mayWait;
    private int _unsetUserEvents;
    private int _programs;
    private ulong _releases;
    private long _sourceBytes;

    public Session(SessionServices services, in OpenSession request)
    {
        _services = services;
        _request = request;
        _part = services.Device.Part(request.ComputeUnits);
        OpenClDevice device = services.Device.Description;
        if (request.MemoryBytes == 0 || (request.MemoryBytes > device.MemoryBytes && !request.PresentAsGpu))
        {
            throw new CommandFailure(
                OpenClErrors.SessionRefused,
                $"{request.MemoryBytes} bytes of memory were asked for; 1 to {device.MemoryBytes} are possible");
        }
        _maxAllocationBytes = Math.Min(device.MaxAllocationBytes, request.MemoryBytes);
        _account = new MemoryAccount(
            request.MemoryBytes, _maxAllocationBytes, services.Turns, LedgerOf(request), (int)request.LedgerEntry);
        _mayWait = () => _unsetUserEvents == 0;
        _objects.Add(RootDeviceId, new DeviceObject(RootDeviceId, _part.Device, isOwned: false));
        services.Turns?.Open();
    }

    private static MemoryLedger? LedgerOf(in OpenSession request)
    {
        if (request.Ledger.Length == 0)
            return null;
        try
        {
            return MemoryLedger.Open(request.Ledger);
        }
        catch (IOException exception)
        {
            throw new CommandFailure(OpenClErrors.SessionRefused, $"the session's ledger of memory: {exception.Message}");
        }
    }

    private uint PresentedUnits => _request.PresentedUnits > 0 ? _request.PresentedUnits : _part.ComputeUnits;

    /// <summary>The answer to the command that opened it.</summary>
    public Welcome Welcome()
    {
        OpenClDevice device = _services.Device.Description;
        string name = _request.DeviceName.Length > 0 ? _request.DeviceName : device.Name;
        var summary = new DeviceSummary(
            RootDeviceId, name, _request.MemoryBytes, _maxAllocationBytes, PresentedUnits,
            device.MaxWorkGroupSize, device.HasImages, device.HasDoubles);
        return new Welcome(
            ProtocolVersion.Newest, _request.Session, _request.Epoch, CommandTracker.WindowCommands,
            CommandTracker.WindowBytes, _services.Device.Hash, [summary]);
    }

    /// <summary>Nothing has been made in it.</summary>
    public bool IsUntouched => _objects.Count == 1;

    /// <summary>Its commands come, and are answered, elsewhere from here on. Only while it is untouched.</summary>
    public void MoveTo(SessionServices services) => _services = services;

    /// <summary>
    /// Does a command. One that carries data returns where the data goes.
    /// </summary>
    /// <exception cref="CommandFailure">It cannot be done; the session goes on.</exception>
    /// <exception cref="ProtocolException">It is no command of this protocol; the session is over.</exception>
    public DataSink? Execute(in Frame frame)
    {
        ulong sequence = frame.Sequence;
        switch (frame.Opcode)
        {
            case Opcode.LaunchKernel:
                Launch(sequence, CommandReader.Read<LaunchKernel>(frame));
                return null;
            case Opcode.ReadBuffer:
                ReadBuffer(sequence, CommandReader.Read<ReadBuffer>(frame));
                return null;
            case Opcode.WriteBuffer:
                return Carry(sequence, CommandReader.Read<WriteBuffer>(frame), StartWriteBuffer);
            case >= Opcode.CreateContext and <= Opcode.Release:
                return ExecuteObjectCommand(frame);
            case >= Opcode.CreateProgramWithSource and <= Opcode.DescribeKernels:
                return ExecuteProgramCommand(frame);
            case >= Opcode.LaunchKernel and <= Opcode.EnqueueBarrier:
                return ExecuteEnqueueCommand(frame);
            case >= Opcode.Flush and <= Opcode.GetImageFormats:
                ExecuteQuery(frame);
                return null;
            default:
                throw new ProtocolException($"{frame.Opcode} #{sequence}: not a command of a client");
        }
    }

    /// <summary>
    /// The reader has nothing more to do at the moment: what it enqueued goes to the device, with one completion
    /// callback for each in-order queue.
    /// </summary>
    public void EndOfBatch()
    {
        foreach (QueueObject queue in _dirty)
        {
            WatchNewest(queue);
            OpenClException.ThrowIfFailed(Cl.Flush(queue.Handle), "clFlush");
        }
        _dirty.Clear();
        _services.Turns?.Pump();
        _services.Tracker.AcknowledgeIfDue();
        _services.Outbox.Flush();
    }

    /// <summary>
    /// A completion callback for the newest command that has none: what ends with it is told then, however much of the
    /// batch is still to come.
    /// </summary>
    private void WatchNewest(QueueObject queue)
    {
        if (queue.Unwatched is not { } newest)
            return;
        queue.Unwatched = null;
        _services.Tracker.Watch(newest);
    }

    /// <summary>Whether waiting for commands to end can help: not while they may wait for the client itself.</summary>
    public bool MayWait() => _unsetUserEvents == 0;

    private DataSink Carry<T>(ulong sequence, T command, Func<ulong, T, DataSink> start)
        where T : struct, ICarriesData
    {
        if (command.DataBytes > command.DataBytesMax)
        {
            throw new ProtocolException(
                $"{command.Opcode} #{sequence}: announces {command.DataBytes} bytes of data; " +
                $"at most {command.DataBytesMax} are allowed");
        }
        try
        {
            return start(sequence, command);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
            return new DiscardedData(command.DataBytes);
        }
    }

    /// <summary>Reports a command's failure and leaves a failed object where it should have made one.</summary>
    public void Fail<T>(ulong sequence, in T command, CommandFailure failure)
        where T : struct, ICommand
    {
        if (command is CreateSubDevices several)
        {
            for (var i = 0; i < several.Ids.Count; i++)
                MarkFailed(several.Ids[i], sequence, failure);
        }
        MarkFailed(CreatedId(command), sequence, failure);
        Error error = failure.ToError();
        if (command is IEnqueueCommand { Enqueue.Queue: var queueId }
            && _objects.TryGetValue(queueId, out SessionObject? found) && found is QueueObject queue)
        {
            _services.Tracker.Stop(queue, sequence, error);
        }
        _services.Tracker.Fail(sequence, error);
    }

    private void MarkFailed(ulong id, ulong sequence, CommandFailure failure)
    {
        if (id != 0 && _objects.Count < MaxObjects)
            _objects.TryAdd(id, new FailedObject(id, sequence, failure));
    }

    private T Get<T>(ulong id, int codeIfMissing, string kind)
        where T : SessionObject
    {
        if (!_objects.TryGetValue(id, out SessionObject? found))
            throw new CommandFailure(codeIfMissing, $"there is no {kind} {id}", id);
        return found switch
        {
            T wanted => wanted,
            FailedObject failed => throw failed.Failure,
            _ => throw new CommandFailure(codeIfMissing, $"object {id} is a {found.Kind}, not a {kind}", id),
        };
    }

    private ContextObject Context(ulong id) => Get<ContextObject>(id, OpenClErrors.InvalidContext, "context");

    private DeviceObject Device(ulong id) => Get<DeviceObject>(id, OpenClErrors.InvalidDevice, "device");

    private MemoryObject Memory(ulong id) => Get<MemoryObject>(id, OpenClErrors.InvalidMemObject, "memory object");

    private ProgramObject Program(ulong id) => Get<ProgramObject>(id, OpenClErrors.InvalidProgram, "program");

    private KernelObject Kernel(ulong id) => Get<KernelObject>(id, OpenClErrors.InvalidKernel, "kernel");

    private QueueObject Queue(ulong id) => Get<QueueObject>(id, OpenClErrors.InvalidCommandQueue, "queue");

    private MemoryObject Buffer(ulong id)
    {
        MemoryObject memory = Memory(id);
        return !memory.IsImage
            ? memory
            : throw new CommandFailure(OpenClErrors.InvalidMemObject, $"object {id} is an image, not a buffer", id);
    }

    private MemoryObject Image(ulong id)
    {
        MemoryObject memory = Memory(id);
        return memory.IsImage
            ? memory
            : throw new CommandFailure(OpenClErrors.InvalidMemObject, $"object {id} is a buffer, not an image", id);
    }

    /// <summary>Throws unless the id may be given to a new object.</summary>
    private void CheckNew(ulong id)
    {
        if (id == 0)
            throw new CommandFailure(OpenClErrors.InvalidValue, "id 0 means none: an object needs another");
        if (_objects.TryGetValue(id, out SessionObject? taken))
            throw new CommandFailure(OpenClErrors.InvalidValue, $"id {id} is in use by a {taken.Kind}");
        if (_objects.Count >= MaxObjects)
            throw new CommandFailure(OpenClErrors.SessionLimit, $"the session has {MaxObjects} objects; release some");
    }
}
