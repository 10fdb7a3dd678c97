using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    /// <summary>One more than a client may name: a kernel that has to wait for its turn waits for an event of ours.</summary>
    private readonly nint[] _waits = GC.AllocateArray<nint>(ProtocolLimits.MaxWaitList + 1, pinned: true);

    /// <summary>What the command at hand waits for that may not be done for long.</summary>
    private readonly List<ICommandState> _blockers = [];

    /// <summary>Commands that the one at hand waits for and that are not known to be done.</summary>
    private readonly List<PendingCommand> _before = [];

    private DataSink? ExecuteEnqueueCommand(in Frame frame)
    {
        ulong sequence = frame.Sequence;
        switch (frame.Opcode)
        {
            case Opcode.WriteBufferRect:
                return Carry(sequence, CommandReader.Read<WriteBufferRect>(frame), StartWriteRect);
            case Opcode.WriteImage:
                return Carry(sequence, CommandReader.Read<WriteImage>(frame), StartWriteImage);
            case Opcode.ReadBufferRect:
                ReadRect(sequence, CommandReader.Read<ReadBufferRect>(frame));
                return null;
            case Opcode.ReadImage:
                ReadImage(sequence, CommandReader.Read<ReadImage>(frame));
                return null;
            case Opcode.CopyBuffer:
                Put(sequence, CommandReader.Read<CopyBuffer>(frame), Copy);
                return null;
            case Opcode.FillBuffer:
                Put(sequence, CommandReader.Read<FillBuffer>(frame), Fill);
                return null;
            case Opcode.CopyBufferRect:
                Put(sequence, CommandReader.Read<CopyBufferRect>(frame), Copy);
                return null;
            case Opcode.CopyImage:
                Put(sequence, CommandReader.Read<CopyImage>(frame), Copy);
                return null;
            case Opcode.FillImage:
                Put(sequence, CommandReader.Read<FillImage>(frame), Fill);
                return null;
            case Opcode.CopyImageToBuffer:
                Put(sequence, CommandReader.Read<CopyImageToBuffer>(frame), Copy);
                return null;
            case Opcode.CopyBufferToImage:
                Put(sequence, CommandReader.Read<CopyBufferToImage>(frame), Copy);
                return null;
            case Opcode.Migrate:
                Put(sequence, CommandReader.Read<Migrate>(frame), Move);
                return null;
            case Opcode.EnqueueMarker:
                Put(sequence, CommandReader.Read<EnqueueMarker>(frame), Mark);
                return null;
            default:
                Put(sequence, CommandReader.Read<EnqueueBarrier>(frame), Hold);
                return null;
        }
    }

    /// <summary>Calls the driver's enqueue function; the number of waits, the waits, and where the event goes.</summary>
    private delegate int EnqueueCall<T>(in T command, QueueObject queue, uint waits, nint* waitList, nint* handle);

    /// <summary>Enqueues a command that has no data and no reply.</summary>
    private void Put<T>(ulong sequence, T command, EnqueueCall<T> call)
        where T : struct, IEnqueueCommand
    {
        try
        {
            Enqueue enqueue = command.Enqueue;
            QueueObject queue = Prepare(enqueue, out uint waits, out nint* waitList);
            nint handle;
            int code = call(command, queue, waits, waitList, &handle);
            CommandFailure.ThrowIfFailed(code, $"clEnqueue of {command.Opcode}", enqueue.Event);
            Track(queue, enqueue, new PendingCommand
            {
                Sequence = sequence, Opcode = command.Opcode, Queue = queue, Handle = handle,
                EventId = enqueue.Event, Notify = enqueue.Notify,
            });
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    /// <summary>Finds the queue and the events to wait for, and checks the new event's id.</summary>
    private QueueObject Prepare(in Enqueue enqueue, out uint waits, out nint* waitList)
    {
        QueueObject queue = Queue(enqueue.Queue);
        if (enqueue.Event != 0)
            CheckNew(enqueue.Event);
        if (queue.StopsOnError && _services.Tracker.StoppedReason(queue) is { } stopped)
            throw new CommandFailure(stopped.Code, stopped.Text, stopped.Object);
        int count = enqueue.WaitList.Count;
        _blockers.Clear();
        _before.Clear();
        for (var i = 0; i < count; i++)
            _waits[i] = WaitFor(enqueue.WaitList[i]);
        if (queue.Barrier is { HasEnded: false } barrier)
        {
            _before.Add(barrier);
            if (!barrier.MayRun)
                _blockers.Add(barrier);
        }
        waits = (uint)count;
        waitList = count == 0 ? null : WaitList;
        return queue;
    }

    private nint* WaitList =>
        (nint*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_waits, 0);

    private nint WaitFor(ulong id)
    {
        if (_objects.TryGetValue(id, out SessionObject? found) && found is FailedObject failed)
        {
            throw new CommandFailure(
                OpenClErrors.ExecStatusErrorForEventsInWaitList,
                $"event {id} of the wait list failed: {failed.Failure.Message}", id);
        }
        var waited = Get<EventObject>(id, OpenClErrors.InvalidEventWaitList, "event");
        // PoCL never runs, and never ends, what is to wait for an event that has failed already.
        if (CommandTracker.ReadStatus(waited.Handle) < 0)
        {
            throw new CommandFailure(
                OpenClErrors.ExecStatusErrorForEventsInWaitList, $"event {id} of the wait list failed", id);
        }
        if (!waited.MayRun)
            _blockers.Add(waited);
        if (waited.Command is { HasEnded: false } before)
            _before.Add(before);
        return waited.Handle;
    }

    /// <summary>Books enqueued work, and gives the client's event its object.</summary>
    private void Track(QueueObject queue, in Enqueue enqueue, PendingCommand command)
    {
        if (command.IsLast && enqueue.Event != 0)
        {
            OpenClException.ThrowIfFailed(Cl.RetainEvent(command.Handle), "clRetainEvent");
            _objects.Add(enqueue.Event, new EventObject(enqueue.Event, command.Handle, isUser: false)
            {
                Command = command, HasTimes = queue.IsProfiling,
            });
        }
        command.Before = [.. _before];
        if (!queue.IsInOrder)
            NoteOrder(queue, enqueue, command);
        _services.Turns?.Add(command, WaitsFor(queue, command));
        _services.Tracker.Track(command);
        if (!queue.IsInOrder)
            _services.Tracker.Watch(command);
        else
            queue.Unwatched = command;
        if (!_dirty.Contains(queue))
            _dirty.Add(queue);
    }

    /// <summary>What a command of a queue without order says about the order of others.</summary>
    private static void NoteOrder(QueueObject queue, in Enqueue enqueue, PendingCommand command)
    {
        bool orders = command.Opcode is Opcode.EnqueueBarrier or Opcode.EnqueueMarker;
        command.CoversAll = command.Opcode == Opcode.Finish || (orders && enqueue.WaitList.Count == 0);
        if (command.Opcode == Opcode.EnqueueBarrier)
            queue.Barrier = command;
    }

    /// <summary>
    /// What the command waits for that may not be done for long. In a queue without order, a barrier and a marker without
    /// events wait for all before them.
    /// </summary>
    private List<ICommandState> WaitsFor(QueueObject queue, PendingCommand command)
    {
        if (queue.IsInOrder)
            return _blockers;
        if (command.Opcode is Opcode.EnqueueBarrier or Opcode.EnqueueMarker)
            _blockers.AddRange(_services.Turns!.HeldOn(queue));
        return _blockers;
    }

    private void Launch(ulong sequence, in LaunchKernel command)
    {
        try
        {
            Enqueue enqueue = command.Enqueue;
            QueueObject queue = Prepare(enqueue, out uint waits, out nint* waitList);
            KernelObject kernel = Kernel(command.Kernel);
            kernel.Signature.Check(command.Arguments, kernel.Id);
            SetArguments(kernel, command.Arguments);
            nuint* sizes = stackalloc nuint[9];
            Spread(command.Offset, sizes);
            Spread(command.Global, sizes + 3);
            Spread(command.Local, sizes + 6);
            LaunchTicket? ticket = TakeTicket(command, kernel, queue, ref waits, ref waitList);
            nint handle;
            int code = Cl.EnqueueNDRangeKernel(
                queue.Handle, kernel.Handle, command.Dimensions, command.Offset == default ? null : sizes, sizes + 3,
                command.Local == default ? null : sizes + 6, waits, waitList, &handle);
            if (code != OpenClErrors.Success)
            {
                GiveBack(ticket);
                throw LaunchFailure(code, command);
            }
            Track(queue, enqueue, new PendingCommand
            {
                Sequence = sequence, Opcode = Opcode.LaunchKernel, Queue = queue, Handle = handle,
                EventId = enqueue.Event, Notify = enqueue.Notify, Launch = ticket,
            });
        }
        catch (CommandFailure failure)
        {
            Fail(sequence, command, failure);
        }
    }

    /// <summary>A kernel that may not begin yet gets an event of ours to wait for.</summary>
    private LaunchTicket? TakeTicket(
        in LaunchKernel command, KernelObject kernel, QueueObject queue, ref uint waits, ref nint* waitList)
    {
        if (_services.Turns is not { } turns)
            return null;
        var ticket = new LaunchTicket(kernel, command.Global.Product ?? ulong.MaxValue);
        if (turns.TryBegin(ticket, queue, _blockers))
            return ticket;
        if (queue.Unwatched is { MayRun: true })
            WatchNewest(queue); // the end of what has begun is what lets this one begin
        int code;
        ticket.Gate = Cl.CreateUserEvent(queue.Context.Handle, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateUserEvent");
        _waits[waits++] = ticket.Gate;
        waitList = WaitList;
        return ticket;
    }

    private void GiveBack(LaunchTicket? ticket)
    {
        if (ticket is null)
            return;
        _services.Turns!.Cancel(ticket);
        if (ticket.Gate != 0)
            OpenClException.ThrowIfFailed(Cl.ReleaseEvent(ticket.Gate), "clReleaseEvent");
    }

    private static CommandFailure LaunchFailure(int code, in LaunchKernel command) => new(
        code, $"clEnqueueNDRangeKernel of kernel {command.Kernel} with {command.Dimensions} dimensions, global " +
        $"{command.Global}, local {command.Local}, offset {command.Offset} failed", command.Kernel);

    private void SetArguments(KernelObject kernel, in ArgumentList arguments)
    {
        ReadOnlySpan<KernelArgument> span = arguments.Span;
        for (var i = 0; i < span.Length; i++)
        {
            if (kernel.HasArgument(i, span[i], _releases))
                continue;
            int code = SetArgument(kernel.Handle, (uint)i, span[i]);
            if (code != OpenClErrors.Success)
            {
                ParameterDescription parameter = kernel.Signature.Parameters[i];
                throw new CommandFailure(
                    code, $"argument {i} ({parameter.TypeName} {parameter.Name}) was given {span[i]}", kernel.Id);
            }
            kernel.Remember(i, span[i]);
        }
    }

    private int SetArgument(nint kernel, uint index, in KernelArgument argument)
    {
        nint handle;
        switch (argument.Kind)
        {
            case ArgumentKind.Memory:
                handle = argument.Number == 0 ? 0 : Memory(argument.Number).Handle;
                return Cl.SetKernelArg(kernel, index, (nuint)sizeof(nint), handle == 0 ? null : &handle);
            case ArgumentKind.Sampler:
                handle = Get<SamplerObject>(argument.Number, OpenClErrors.InvalidSampler, "sampler").Handle;
                return Cl.SetKernelArg(kernel, index, (nuint)sizeof(nint), &handle);
            case ArgumentKind.Local:
                return Cl.SetKernelArg(kernel, index, (nuint)argument.Number, null);
            default:
                return SetValue(kernel, index, argument);
        }
    }

    private static int SetValue(nint kernel, uint index, in KernelArgument argument)
    {
        const int OnStack = 256;
        int length = argument.ValueBytes;
        Span<byte> value = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
        argument.CopyValueTo(value);
        fixed (byte* pointer = value)
            return Cl.SetKernelArg(kernel, index, (nuint)length, pointer);
    }

    private static void Spread(WorkSize size, nuint* into)
    {
        into[0] = (nuint)size.X;
        into[1] = (nuint)size.Y;
        into[2] = (nuint)size.Z;
    }
}
