using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class CommandTracker
{
    /// <summary>
    /// Asks the driver to call back when the command is done. Not under the lock: it may call at once. Somebody else's
    /// callback may end the command, and give its event back, meanwhile: the event is held until the driver has it.
    /// </summary>
    public void Watch(PendingCommand command)
    {
        lock (_gate)
        {
            if (command.HasEnded)
                return;
            OpenClException.ThrowIfFailed(Cl.RetainEvent(command.Handle), "clRetainEvent");
        }
        GCHandle handle = GCHandle.Alloc(new WatchedCommand(this, command));
        int code = Cl.SetEventCallback(command.Handle, 0, &OnCommandDone, (void*)GCHandle.ToIntPtr(handle));
        if (code != OpenClErrors.Success)
            handle.Free();
        OpenClException.ThrowIfFailed(Cl.ReleaseEvent(command.Handle), "clReleaseEvent");
        OpenClException.ThrowIfFailed(code, "clSetEventCallback"); // without it nobody would ever be answered
    }

    /// <summary>
    /// The command of this event is done, as somebody found out by asking: what follows from that must not come
    /// after the answer.
    /// </summary>
    public void Settle(PendingCommand? command)
    {
        if (command is null)
            return;
        printf.Drain();
        var overtaken = new List<PendingCommand>();
        lock (_gate)
        {
            bool overtakes = command.Queue.IsInOrder && command.Node?.Previous is not null;
            if (overtakes && ReadStatus(command.Handle) < 0)
                SweepQueue(command.Queue, overtaken); // it failed without waiting for those before it
            else
                EndThrough(command);
        }
        foreach (PendingCommand running in overtaken)
            Watch(running);
    }

    /// <summary>Counts the event down; the last one answers.</summary>
    public void Watch(Subscription subscription, EventObject @event, int status)
    {
        var watched = new WatchedEvent(this, subscription, @event);
        lock (_gate)
            _subscribed.Add(watched);
        GCHandle handle = GCHandle.Alloc(watched);
        int code = Cl.SetEventCallback(@event.Handle, status, &OnEventReached, (void*)GCHandle.ToIntPtr(handle));
        if (code == OpenClErrors.Success)
            return;
        handle.Free();
        lock (_gate)
            _subscribed.Remove(watched);
        throw new CommandFailure(code, "clSetEventCallback failed", @event.Id);
    }

    /// <summary>
    /// Looks for work that failed because what it waited for did: PoCL ends such commands without calling anybody
    /// back. Called after a user event or a command has failed.
    /// </summary>
    public void Sweep()
    {
        var overtaken = new List<PendingCommand>();
        lock (_gate)
        {
            foreach (QueueObject queue in _active.ToArray())
                SweepQueue(queue, overtaken);
            foreach (WatchedEvent watched in _subscribed.ToArray())
            {
                int status = ReadStatus(watched.Event.Handle);
                if (status < 0)
                    Reach(watched, status);
            }
        }
        foreach (PendingCommand running in overtaken)
            Watch(running);
    }

    /// <summary>State of an event for the client.</summary>
    public static EventStatus StatusOf(
        ulong id, nint handle, int status, bool hasTimes, TransferState? transfer)
    {
        if (status < 0)
            status = Normalize(status);
        if (!hasTimes || status != 0)
            return new EventStatus(id, status);
        ulong end = Time(handle, ClNames.ProfilingCommandEnd);
        if (transfer?.First is { HasTimes: true } first)
            return first with { Event = id, EndNs = end };
        return new EventStatus(
            id, status, true, Time(handle, ClNames.ProfilingCommandQueued), Time(handle, ClNames.ProfilingCommandSubmit),
            Time(handle, ClNames.ProfilingCommandStart), end);
    }

    private static ulong Time(nint handle, uint name)
    {
        ulong value = 0;
        _ = Cl.GetEventProfilingInfo(handle, name, sizeof(ulong), &value, null);
        return value;
    }

    /// <summary>An event's execution status, by asking the driver.</summary>
    public static int ReadStatus(nint handle)
    {
        int status = 0;
        int code = Cl.GetEventInfo(handle, ClNames.EventCommandExecutionStatus, sizeof(int), &status, null);
        return code == OpenClErrors.Success ? status : code;
    }

    [UnmanagedCallersOnly]
    private static void OnCommandDone(nint handle, int status, void* data)
    {
        try
        {
            var watched = Take<WatchedCommand>(data);
            watched.Tracker.Settle(watched.Command);
            watched.Tracker.SweepIfFailed();
            watched.Tracker.Flush();
        }
        catch (Exception exception)
        {
            EngineFault.Exit(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static void OnEventReached(nint handle, int status, void* data)
    {
        try
        {
            var watched = Take<WatchedEvent>(data);
            watched.Tracker.Reached(watched, status);
            watched.Tracker.SweepIfFailed();
            watched.Tracker.Flush();
        }
        catch (Exception exception)
        {
            EngineFault.Exit(exception);
        }
    }

    private static T Take<T>(void* data)
        where T : class
    {
        GCHandle handle = GCHandle.FromIntPtr((nint)data);
        var target = Unsafe.As<T>(handle.Target!);
        handle.Free();
        return target;
    }

    private void Flush()
    {
        turns?.Pump();
        AcknowledgeIfDue();
        outbox.Flush();
    }

    private void SweepIfFailed()
    {
        if (Interlocked.Exchange(ref _failed, false))
            Sweep();
    }

    /// <summary>An event got to the state that a subscription waits for, or failed.</summary>
    private void Reached(WatchedEvent watched, int status)
    {
        if (status <= 0)
        {
            status = ReadStatus(watched.Event.Handle); // PoCL says 0 to those who ask after a failure
            Settle(watched.Event.Command);
        }
        lock (_gate)
            Reach(watched, status);
    }

    private void Reach(WatchedEvent watched, int status)
    {
        if (!_subscribed.Remove(watched))
            return; // a sweep was first
        Subscription subscription = watched.Subscription;
        if (status < 0 && subscription.Failure == 0)
            subscription.Failure = status;
        if (--subscription.Missing > 0)
            return;
        EventObject @event = watched.Event;
        if (subscription.IsWait)
            AnswerWait(subscription);
        else
            Reply(subscription.Sequence, StatusOf(@event.Id, @event.Handle, status, @event.HasTimes, null));
        MarkDone(subscription.Sequence);
    }

    /// <summary>
    /// Ends a command that is done. Before it, all that must be done for that: the driver's calls for those may come
    /// after the one for it, but their data and replies must not. And what is done right behind it.
    /// </summary>
    private void EndThrough(PendingCommand command)
    {
        _ending.Push(command); // a stack of our own: such a chain can be as long as the session's queue depth
        while (_ending.TryPeek(out PendingCommand? next))
        {
            if (next.Node is not { } node)
            {
                _ending.Pop(); // another callback, or a sweep, was first
            }
            else if (Predecessor(next, node) is { } before)
            {
                _ending.Push(before);
            }
            else
            {
                EndAt(node, next.Handle == 0 ? OpenClErrors.Success : ReadStatus(next.Handle));
                while (next.Queue.Pending.First is { Value.Handle: 0 } finish)
                    EndAt(finish, OpenClErrors.Success);
            }
        }
    }

    /// <summary>
    /// A command that is done because this one is, and is not told yet: those before it in its queue as far as it waits
    /// for them, then those of its wait list. What failed did not wait for the latter.
    /// </summary>
    private static PendingCommand? Predecessor(PendingCommand command, LinkedListNode<PendingCommand> end)
    {
        LinkedListNode<PendingCommand> first = command.Queue.Pending.First!;
        if (command.Queue.IsInOrder)
        {
            if (first != end)
                return first.Value;
        }
        else if (command.CoversAll)
        {
            // One that failed did so with the first that failed before it: others may still run.
            bool hasFailed = first != end && ReadStatus(command.Handle) < 0;
            for (LinkedListNode<PendingCommand> node = first; node != end; node = node.Next!)
            {
                if (!hasFailed || ReadStatus(node.Value.Handle) <= 0)
                    return node.Value;
            }
        }
        else if (command is { Transfer: { } transfer, IsLast: true })
        {
            for (LinkedListNode<PendingCommand> node = first; node != end; node = node.Next!)
            {
                if (node.Value.Transfer == transfer)
                    return node.Value;
            }
        }
        if (command.Before.Length == 0 || ReadStatus(command.Handle) < 0)
            return null;
        return Array.Find(command.Before, before => before.Node is not null);
    }

    private void SweepQueue(QueueObject queue, List<PendingCommand> overtaken)
    {
        var failedBehind = false;
        for (LinkedListNode<PendingCommand>? node = queue.Pending.First, next; node is not null; node = next)
        {
            next = node.Next;
            int status = node.Value.Handle == 0 ? OpenClErrors.Success : ReadStatus(node.Value.Handle);
            bool isFirst = node.Previous is null;
            if (status < 0 && (isFirst || !queue.IsInOrder))
                EndAt(node, status);
            else if (isFirst && queue.IsInOrder && status == OpenClErrors.Success)
            {
                EndThrough(node.Value);
                next = queue.Pending.First; // it may have been more than this one
            }
            else
                failedBehind |= status < 0;
        }
        // In order, what failed is told only after what still runs before it: whose callback may be that of the failed.
        if (failedBehind && queue.Pending.First is { } running)
        {
            _failed = true;
            overtaken.Add(running.Value);
        }
    }

    private void EndAt(LinkedListNode<PendingCommand> node, int status)
    {
        PendingCommand command = node.Value;
        LinkedList<PendingCommand> pending = command.Queue.Pending;
        pending.Remove(node);
        command.Node = null;
        if (pending.Count == 0)
            _active.Remove(command.Queue);
        End(command, Normalize(status));
    }

    /// <summary>PoCL gives −1 (which means something else) to what failed because of what it waited for.</summary>
    private static int Normalize(int status) => status switch
    {
        OpenClErrors.DeviceNotFound => OpenClErrors.ExecStatusErrorForEventsInWaitList,
        > 0 => OpenClErrors.Success, // done, though the driver has not yet said so: a later command in order is
        _ => status,
    };

    private void End(PendingCommand command, int status)
    {
        command.HasEnded = true;
        command.Before = [];
        if (command.Launch is { } launch)
        {
            ulong start = Time(command.Handle, ClNames.ProfilingCommandStart);
            turns!.OnEnded(launch, (long)start, (long)Time(command.Handle, ClNames.ProfilingCommandEnd));
        }
        if (status < 0)
            _failed = true;
        SettleBlock(command, status);
        NoteInTransfer(command, status);
        if (command.IsLast)
            EndCommand(command, command.Transfer is { Failure: < 0 } transfer ? transfer.Failure : status);
        if (command.Handle != 0)
            OpenClException.ThrowIfFailed(Cl.ReleaseEvent(command.Handle), "clReleaseEvent");
    }

    private void SettleBlock(PendingCommand command, int status)
    {
        if (command.Piece == PieceKind.Read && status >= 0)
        {
            turns?.CountBytes(0, command.Length);
            outbox.AppendData(command.Sequence, command.Offset, command.Block, command.Length);
        }
        else if (command.Piece != PieceKind.Work)
            staging.Return(command.Block);
    }

    private static void NoteInTransfer(PendingCommand command, int status)
    {
        if (command.Transfer is not { } transfer)
            return;
        if (status < 0 && transfer.Failure == 0)
            transfer.Failure = status;
        if (!transfer.First.HasTimes && command.Queue.IsProfiling)
            transfer.First = StatusOf(0, command.Handle, status, true, null);
    }

    private void EndCommand(PendingCommand command, int status)
    {
        if (command.Notify)
        {
            bool hasTimes = command.Queue.IsProfiling;
            EventStatus ended = StatusOf(command.EventId, command.Handle, status, hasTimes, command.Transfer);
            outbox.Append(command.Sequence, ended);
        }
        if (status < 0)
        {
            var error = new Error(status, command.EventId, $"{command.Opcode} failed while it ran");
            StopQueue(command.Queue, command.Sequence, error);
            ReportError(command.Sequence, error);
        }
        else if (command.ReplyBytes is { } bytes)
        {
            Reply(command.Sequence, new Done(bytes));
        }
        MarkDone(command.Sequence);
    }

    private static void StopQueue(QueueObject queue, ulong sequence, Error error)
    {
        if (queue.StopsOnError)
            queue.Stopped ??= error with { Text = $"queue {queue.Id} stopped at command #{sequence}: {error.Text}" };
    }

    private void AnswerWait(Subscription subscription)
    {
        if (subscription.Failure == 0)
            Reply(subscription.Sequence, default(Done));
        else
        {
            Reply(subscription.Sequence, new Error(
                OpenClErrors.ExecStatusErrorForEventsInWaitList, 0,
                $"an event of the list failed with {OpenClErrors.Name(subscription.Failure)}"));
        }
    }

    private sealed record WatchedCommand(CommandTracker Tracker, PendingCommand Command);

    private sealed record WatchedEvent(CommandTracker Tracker, Subscription Subscription, EventObject Event);
}

/// <summary>A WaitEvents or SubscribeEvent command that is not answered yet. Guarded by the tracker's lock.</summary>
internal sealed class Subscription(ulong sequence, int missing, bool isWait)
{
    public ulong Sequence => sequence;

    public bool IsWait => isWait;

    public int Missing { get; set; } = missing;

    public int Failure { get; set; }
}
