using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    private void ExecuteQuery(in Frame frame)
    {
        ulong sequence = frame.Sequence;
        switch (frame.Opcode)
        {
            case Opcode.Flush:
                Do(sequence, CommandReader.Read<Flush>(frame), Flush);
                break;
            case Opcode.Finish:
                Finish(sequence, CommandReader.Read<Finish>(frame));
                break;
            case Opcode.Fence:
                CommandReader.Read<Fence>(frame);
                Fence(sequence);
                break;
            case Opcode.WaitEvents:
                Wait(sequence, CommandReader.Read<WaitEvents>(frame));
                break;
            case Opcode.QueryEvent:
                Ask(sequence, CommandReader.Read<QueryEvent>(frame), StatusOf);
                break;
            case Opcode.SubscribeEvent:
                Subscribe(sequence, CommandReader.Read<SubscribeEvent>(frame));
                break;
            case Opcode.Query:
                Ask(sequence, CommandReader.Read<Query>(frame), Answer);
                break;
            default:
                Ask(sequence, CommandReader.Read<GetImageFormats>(frame), Formats);
                break;
        }
    }

    private void Flush(Flush command) =>
        CommandFailure.ThrowIfFailed(Cl.Flush(Queue(command.Queue).Handle), "clFlush", command.Queue);

    /// <summary>
    /// Its answer is due when what precedes it is done, not when the rest of the batch is: so every queue's newest
    /// command gets a callback of its own.
    /// </summary>
    private void Fence(ulong sequence)
    {
        foreach (QueueObject queue in _dirty)
            WatchNewest(queue);
        _services.Tracker.Fence(sequence);
    }

    private void Finish(ulong sequence, in Finish command)
    {
        try
        {
            QueueObject queue = Queue(command.Queue);
            if (queue.StopsOnError && _services.Tracker.StoppedReason(queue) is { } stopped)
                throw new CommandFailure(stopped.Code, stopped.Text, stopped.Object);
            nint handle = 0;
            _before.Clear();
            if (!queue.IsInOrder)
            {
                // With an empty wait list the marker waits for everything that was enqueued before it.
                int code = Cl.EnqueueMarkerWithWaitList(queue.Handle, 0, null, &handle);
                CommandFailure.ThrowIfFailed(code, "clEnqueueMarkerWithWaitList", queue.Id);
            }
            var pending = new PendingCommand
            {
                Sequence = sequence, Opcode = Opcode.Finish, Queue = queue, Handle = handle, ReplyBytes = 0,
            };
            if (queue.IsInOrder)
            {
                WatchNewest(queue); // as for a fence
                _services.Tracker.Track(pending);
            }
            else
                Track(queue, queue.Id, pending);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private void Wait(ulong sequence, in WaitEvents command)
    {
        try
        {
            ulong[] ids = command.Events.ToArray();
            if (ids.Length == 0)
                throw new CommandFailure(OpenClErrors.InvalidValue, "no events to wait for");
            EventObject[] events = [.. ids.Select(Event)];
            var subscription = new Subscription(sequence, events.Length, isWait: true);
            foreach (EventObject @event in events)
                _services.Tracker.Watch(subscription, @event, 0);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private void Subscribe(ulong sequence, in SubscribeEvent command)
    {
        try
        {
            if (command.Status is < 0 or > 2)
                throw new CommandFailure(OpenClErrors.InvalidValue, $"status {command.Status}; 0 to 2 are allowed");
            var subscription = new Subscription(sequence, 1, isWait: false);
            _services.Tracker.Watch(subscription, Event(command.Event), command.Status);
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    private EventObject Event(ulong id) => Get<EventObject>(id, OpenClErrors.InvalidEvent, "event");

    private EventStatus StatusOf(QueryEvent command)
    {
        if (_objects.TryGetValue(command.Event, out SessionObject? found) && found is FailedObject failed)
            return new EventStatus(command.Event, failed.Failure.Code);
        EventObject @event = Event(command.Event);
        EndOfBatch(); // a client that polls does not flush
        int status = CommandTracker.ReadStatus(@event.Handle);
        if (status <= 0)
            _services.Tracker.Settle(@event.Command);
        return CommandTracker.StatusOf(@event.Id, @event.Handle, status, @event.HasTimes, @event.Command?.Transfer);
    }

    private Info Answer(Query query) => new(query.Kind switch
    {
        QueryKind.Platform => InfoReader.ReadAll(
            OpenClDevices.PlatformInfo(_services.Device.Platform), InfoRange.Platform),
        QueryKind.Device => DeviceEntries(Device(query.Object)),
        QueryKind.Session => SessionEntries(),
        _ => ObjectEntries(query),
    });

    private List<InfoEntry> DeviceEntries(DeviceObject device) =>
        new DeviceView(_request, _maxAllocationBytes, !device.IsOwned)
            .ReadAll(OpenClDevices.DeviceInfo(device.Handle));

    private List<InfoEntry> ObjectEntries(Query query)
    {
        (nint handle, InfoRange range) = query.Kind switch
        {
            QueryKind.Context => (Context(query.Object).Handle, InfoRange.Context),
            QueryKind.Queue => (Queue(query.Object).Handle, InfoRange.Queue),
            QueryKind.Memory => (Memory(query.Object).Handle, InfoRange.Memory),
            QueryKind.Image => (Image(query.Object).Handle, InfoRange.Image),
            QueryKind.Sampler => (Get<SamplerObject>(query.Object, OpenClErrors.InvalidSampler, "sampler").Handle,
                InfoRange.Sampler),
            QueryKind.Program => (Program(query.Object).Materialize().Handle, InfoRange.Program),
            QueryKind.ProgramBuild => (Program(query.Object).Materialize().Handle, InfoRange.ProgramBuild),
            QueryKind.Kernel => (Kernel(query.Object).Handle, InfoRange.Kernel),
            QueryKind.KernelArgument => (Kernel(query.Object).Handle, InfoRange.KernelArgument),
            QueryKind.KernelWorkGroup => (Kernel(query.Object).Handle, InfoRange.KernelWorkGroup),
            QueryKind.Event => (Event(query.Object).Handle, InfoRange.Event),
            _ => throw new CommandFailure(OpenClErrors.InvalidValue, $"there is no query of kind {(int)query.Kind}"),
        };
        nint device = query.Kind is QueryKind.ProgramBuild or QueryKind.KernelWorkGroup
            ? Device(query.Argument == 0 ? RootDeviceId : query.Argument).Handle
            : 0;
        return InfoReader.ReadAll(CallFor(query, handle, device), range);
    }

    private static InfoCall CallFor(Query query, nint handle, nint device) => query.Kind switch
    {
        QueryKind.Context => (name, size, value, needed) => Cl.GetContextInfo(handle, name, size, value, needed),
        QueryKind.Queue => (name, size, value, needed) => Cl.GetCommandQueueInfo(handle, name, size, value, needed),
        QueryKind.Memory => (name, size, value, needed) => Cl.GetMemObjectInfo(handle, name, size, value, needed),
        QueryKind.Image => (name, size, value, needed) => Cl.GetImageInfo(handle, name, size, value, needed),
        QueryKind.Sampler => (name, size, value, needed) => Cl.GetSamplerInfo(handle, name, size, value, needed),
        QueryKind.Program => (name, size, value, needed) => Cl.GetProgramInfo(handle, name, size, value, needed),
        QueryKind.ProgramBuild => (name, size, value, needed) =>
            Cl.GetProgramBuildInfo(handle, device, name, size, value, needed),
        QueryKind.Kernel => (name, size, value, needed) => Cl.GetKernelInfo(handle, name, size, value, needed),
        QueryKind.KernelArgument => (name, size, value, needed) =>
            Cl.GetKernelArgInfo(handle, (uint)query.Argument, name, size, value, needed),
        QueryKind.KernelWorkGroup => (name, size, value, needed) =>
            Cl.GetKernelWorkGroupInfo(handle, device, name, size, value, needed),
        _ => (name, size, value, needed) => Cl.GetEventInfo(handle, name, size, value, needed),
    };

    private List<InfoEntry> SessionEntries()
    {
        static InfoEntry Entry(SessionInfo name, ulong value) => new((uint)name, BitConverter.GetBytes(value));
        return
        [
            Entry(SessionInfo.MemoryLimitBytes, _account.LimitBytes),
            Entry(SessionInfo.MemoryUsedBytes, _account.UsedBytes),
            Entry(SessionInfo.MemoryPeakBytes, _account.PeakBytes),
            Entry(SessionInfo.Objects, (ulong)_objects.Count - 1),
            Entry(SessionInfo.CommandsInFlight, _services.Tracker.InFlight - 1),
            Entry(SessionInfo.ProgramsCached, (ulong)_services.Programs.Count),
            Entry(SessionInfo.ProgramCacheHits, _services.Programs.Hits),
            Entry(SessionInfo.PrintfBytesDropped, _services.Printf.DroppedBytes),
        ];
    }

    private ImageFormats Formats(GetImageFormats command)
    {
        nint context = Context(command.Context).Handle;
        uint count = 0;
        int code = Cl.GetSupportedImageFormats(
            context, (ulong)command.Flags, (uint)command.Type, 0, null, &count);
        CommandFailure.ThrowIfFailed(code, "clGetSupportedImageFormats");
        var formats = new ClImageFormat[Math.Min(count, ProtocolLimits.MaxEntries)];
        fixed (ClImageFormat* pointer = formats)
        {
            code = Cl.GetSupportedImageFormats(
                context, (ulong)command.Flags, (uint)command.Type, (uint)formats.Length, pointer, null);
        }
        CommandFailure.ThrowIfFailed(code, "clGetSupportedImageFormats");
        return new ImageFormats(
            [.. formats.Select(format => new ImageFormat((ChannelOrder)format.Order, (ChannelType)format.Type))]);
    }
}
