using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    /// <summary>The object that a command makes, or 0.</summary>
    private static ulong CreatedId<T>(in T command)
        where T : struct, ICommand => command switch
        {
            IEnqueueCommand enqueue => enqueue.Enqueue.Event,
            CreateContext create => create.Id,
            CreateQueue create => create.Id,
            CreateBuffer create => create.Id,
            CreateSubBuffer create => create.Id,
            CreateImage create => create.Id,
            CreateSampler create => create.Id,
            CreateKernel create => create.Id,
            CreateUserEvent create => create.Id,
            CreateProgramWithSource create => create.Id,
            CreateProgramWithBinary create => create.Id,
            LinkProgram link => link.Id,
            _ => 0,
        };

    private DataSink? ExecuteObjectCommand(in Frame frame)
    {
        ulong sequence = frame.Sequence;
        switch (frame.Opcode)
        {
            case Opcode.CreateContext:
                Do(sequence, CommandReader.Read<CreateContext>(frame), Create);
                return null;
            case Opcode.CreateSubDevices:
                Do(sequence, CommandReader.Read<CreateSubDevices>(frame), Create);
                return null;
            case Opcode.CreateQueue:
                Do(sequence, CommandReader.Read<CreateQueue>(frame), Create);
                return null;
            case Opcode.CreateBuffer:
                return CreateMemory(sequence, CommandReader.Read<CreateBuffer>(frame), Create, StartCreateBuffer);
            case Opcode.CreateSubBuffer:
                Do(sequence, CommandReader.Read<CreateSubBuffer>(frame), Create);
                return null;
            case Opcode.CreateImage:
                return CreateMemory(sequence, CommandReader.Read<CreateImage>(frame), Create, StartCreateImage);
            case Opcode.CreateSampler:
                Do(sequence, CommandReader.Read<CreateSampler>(frame), Create);
                return null;
            case Opcode.CreateKernel:
                Do(sequence, CommandReader.Read<CreateKernel>(frame), Create);
                return null;
            case Opcode.CreateUserEvent:
                Do(sequence, CommandReader.Read<CreateUserEvent>(frame), Create);
                return null;
            case Opcode.SetUserEventStatus:
                Do(sequence, CommandReader.Read<SetUserEventStatus>(frame), SetStatus);
                return null;
            default:
                Do(sequence, CommandReader.Read<Release>(frame), ReleaseAll);
                return null;
        }
    }

    /// <summary>Does a command that is done when it returns and has no reply.</summary>
    private void Do<T>(ulong sequence, T command, Action<T> action)
        where T : struct, ICommand
    {
        try
        {
            action(command);
            _services.Tracker.Complete(sequence);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private DataSink? CreateMemory<T>(ulong sequence, T command, Action<T> create, Func<ulong, T, DataSink> start)
        where T : struct, ICarriesData
    {
        if (command.DataBytes > 0)
            return Carry(sequence, command, start);
        Do(sequence, command, create);
        return null;
    }

    private void Create(CreateContext command)
    {
        CheckNew(command.Id);
        DeviceObject[] devices = [.. command.Devices.ToArray().Select(Device)];
        if (devices.Length == 0)
            throw new CommandFailure(OpenClErrors.InvalidValue, "a context needs a device", command.Id);
        bool isShared = devices is [{ IsOwned: false }];
        nint handle = isShared ? _part.Context : CreateContext(devices, command.Id);
        _objects.Add(command.Id, new ContextObject(command.Id, handle, isShared, devices));
    }

    private static nint CreateContext(DeviceObject[] devices, ulong id)
    {
        nint[] handles = [.. devices.Select(device => device.Handle)];
        fixed (nint* pointer = handles)
        {
            int code;
            nint context = Cl.CreateContext(null, (uint)handles.Length, pointer, null, null, &code);
            CommandFailure.ThrowIfFailed(code, "clCreateContext", id);
            return context;
        }
    }

    private void Create(CreateSubDevices command)
    {
        DeviceObject parent = Device(command.Parent);
        if (command.Counts.Count != command.Ids.Count || command.Ids.Count == 0)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"{command.Counts.Count} counts and {command.Ids.Count} ids; as many of both are needed");
        }
        ulong[] ids = command.Ids.ToArray();
        foreach (ulong id in ids)
            CheckNew(id);
        if (ids.Distinct().Count() != ids.Length)
            throw new CommandFailure(OpenClErrors.InvalidValue, "the same id is given to two sub-devices");
        nint[] handles = ExecutorDevice.Partition(parent.Handle, command.Counts.ToArray());
        for (var i = 0; i < ids.Length; i++)
            _objects.Add(ids[i], new DeviceObject(ids[i], handles[i], isOwned: true));
    }

    private void Create(CreateQueue command)
    {
        const ulong Known = (ulong)(QueueFlags.OutOfOrder | QueueFlags.Profiling);
        CheckNew(command.Id);
        ContextObject context = Context(command.Context);
        DeviceObject device = Device(command.Device);
        if (!context.Devices.Contains(device))
        {
            throw new CommandFailure(
                OpenClErrors.InvalidDevice, $"device {device.Id} is not of context {context.Id}", command.Id);
        }
        // How long kernels take is what turns are measured by.
        ulong flags = ((ulong)command.Flags & Known) | (_services.Turns is null ? 0 : (ulong)QueueFlags.Profiling);
        ulong* properties = stackalloc ulong[] { ClNames.QueueProperties, flags, 0 };
        int code;
        nint handle = Cl.CreateCommandQueueWithProperties(context.Handle, device.Handle, properties, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateCommandQueueWithProperties", command.Id);
        _objects.Add(command.Id, new QueueObject(command.Id, handle, context, device, command.Flags));
    }

    private void Create(CreateSampler command)
    {
        CheckNew(command.Id);
        ContextObject context = Context(command.Context);
        ulong* properties = stackalloc ulong[]
        {
            ClNames.SamplerNormalizedCoords, command.NormalizedCoordinates ? 1UL : 0,
            ClNames.SamplerAddressingMode, (ulong)command.Addressing,
            ClNames.SamplerFilterMode, (ulong)command.Filter, 0,
        };
        int code;
        nint handle = Cl.CreateSamplerWithProperties(context.Handle, properties, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateSamplerWithProperties", command.Id);
        _objects.Add(command.Id, new SamplerObject(command.Id, handle));
    }

    private void Create(CreateUserEvent command)
    {
        CheckNew(command.Id);
        int code;
        nint handle = Cl.CreateUserEvent(Context(command.Context).Handle, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateUserEvent", command.Id);
        _objects.Add(command.Id, new EventObject(command.Id, handle, isUser: true));
        _unsetUserEvents++;
    }

    private void SetStatus(SetUserEventStatus command)
    {
        var @event = Get<EventObject>(command.Id, OpenClErrors.InvalidEvent, "event");
        if (!@event.IsUser)
            throw new CommandFailure(OpenClErrors.InvalidEvent, $"event {command.Id} is not a user event");
        if (@event.IsSet)
            throw new CommandFailure(OpenClErrors.InvalidOperation, $"user event {command.Id} was set already");
        CommandFailure.ThrowIfFailed(Cl.SetUserEventStatus(@event.Handle, command.Status), "clSetUserEventStatus");
        @event.IsSet = true;
        _unsetUserEvents--;
        _services.Turns?.Pump();
        if (command.Status < 0)
            _services.Tracker.Sweep();
    }

    private void ReleaseAll(Release command)
    {
        for (var i = 0; i < command.Ids.Count; i++)
        {
            ulong id = command.Ids[i];
            if (id == RootDeviceId || !_objects.ContainsKey(id))
            {
                // What comes before it in the list is released; a client that lost count should hear of it.
                throw new CommandFailure(OpenClErrors.InvalidValue, $"there is no object {id} to release", id);
            }
            ReleaseOne(id);
        }
    }

    private void ReleaseOne(ulong id)
    {
        _objects.Remove(id, out SessionObject? released);
        switch (released)
        {
            case ProgramObject program:
                _programs--;
                _sourceBytes -= program.Source?.Length ?? 0;
                break;
            case EventObject { IsUser: true, IsSet: false } user:
                // Nobody can set it any more: what waits for it must not wait for ever.
                _ = Cl.SetUserEventStatus(user.Handle, OpenClErrors.InvalidEvent);
                user.IsSet = true;
                _unsetUserEvents--;
                _services.Turns?.Pump();
                _services.Tracker.Sweep();
                break;
            case QueueObject queue when _dirty.Contains(queue):
                EndOfBatch();
                break;
        }
        released!.Release();
        if (released is MemoryObject or SamplerObject)
            _releases++;
    }
}
