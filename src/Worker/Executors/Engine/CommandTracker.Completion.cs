using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class CommandTracker
{
    /// <summary>Asks the driver to call back when the command is done. Not under the lock: it may call at once.</summary>
    public void Watch(PendingCommand command)
    {
        GCHandle handle = GCHandle.Alloc(new WatchedCommand(this, command));
        int code = Cl.SetEventCallback(command.Handle, 0, &OnCommandDone, (void*)GCHandle.ToIntPtr(handle));
        if (code == OpenClErrors.Success)
            return;
        handle.Free();
        throw new OpenClException("clSetEventCallback", code); // without it nobody would ever be answered
    }

    /// <summary>
    /// The command of this event is done, as somebody found out by asking: what follows from that must not come
    /// after the answer.
    /// </summary>
    public void Settle(PendingCommand? command, int status)
    {
        if (command is null)
            return;
        printf.Drain();
        lock (_gate)
            EndThrough(command, status);
    }

    /// <summary>Counts the event down; the last one answers.</summary>
    public void Watch(Subscription subscription, EventObject @event, int status)
    {
        GCHandle handle = GCHandle.Alloc(new WatchedEvent(this, subscription, @event));
        int code = Cl.SetEventCallback(@event.Handle, status, &OnEventReached, (void*)GCHandle.ToIntPtr(handle));
        if (code == OpenClErrors.Success)
            return;
        handle.Free();
        throw new CommandFailure(code, "clSetEventCallback failed", @event.Id);
    }

    /// <summary>One of the events of a subscription got there (or failed).</summary>
    public void Reached(Subscription subscription, EventObject @event, int status)
    {
        lock (_gate)
        {
            if (status < 0 && subscription.Failure == 0)
                subscription.Failure = status;
            if (--subscription.Missing > 0)
                return;
            if (subscription.IsWait)
                AnswerWait(subscription);
            else
                Reply(subscription.Sequence, StatusOf(@event.Id, @event.Handle, status, @event.HasTimes, null));
            MarkDone(subscription.Sequence);
        }
    }

    /// <summary>State of an event for the client.</summary>
    public static EventStatus StatusOf(
        ulong id, nint handle, int status, bool hasTimes, TransferState? transfer)
    {
        if (!hasTimes || status != 0)
            return new EventStatus(id, status);
        ulong Time(uint name)
        {
            ulong value = 0;
            _ = Cl.GetEventProfilingInfo(handle, name, sizeof(ulong), &value, null);
            return value;
        }
        ulong start = transfer is { FirstStartNs: > 0 } ? transfer.FirstStartNs : Time(ClNames.ProfilingCommandStart);
        return new EventStatus(
            id, status, true, Time(ClNames.ProfilingCommandQueued), Time(ClNames.ProfilingCommandSubmit), start,
            Time(ClNames.ProfilingCommandEnd));
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
            watched.Tracker.Settle(watched.Command, status);
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
            if (status <= 0)
                watched.Tracker.Settle(watched.Event.Command, status);
            watched.Tracker.Reached(watched.Subscription, watched.Event, status);
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
        AcknowledgeIfDue();
        outbox.Flush();
    }

    /// <summary>Ends the command and, in an in-order queue, all before it; and the Finish commands right behind.</summary>
    private void EndThrough(PendingCommand command, int status)
    {
        if (command.Status is not null)
            return;
        LinkedList<PendingCommand> pending = command.Queue.Pending;
        if (command.Queue.IsInOrder)
        {
            while (pending.First is { } first && first.Value != command)
                EndAt(first, first.Value.Handle == 0 ? OpenClErrors.Success : ReadStatus(first.Value.Handle));
        }
        if (command.Node is { } node)
            EndAt(node, status);
        while (pending.First is { Value.Handle: 0 } finish)
            EndAt(finish, OpenClErrors.Success);
    }

    private void EndAt(LinkedListNode<PendingCommand> node, int status)
    {
        node.List!.Remove(node);
        End(node.Value, status);
    }

    private void End(PendingCommand command, int status)
    {
        command.Status = status;
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
            outbox.AppendData(command.Sequence, command.Offset, command.Block, command.Length);
        else if (command.Piece != PieceKind.Work)
            staging.Return(command.Block);
    }

    private static void NoteInTransfer(PendingCommand command, int status)
    {
        if (command.Transfer is not { } transfer)
            return;
        if (status < 0 && transfer.Failure == 0)
            transfer.Failure = status;
        if (transfer.FirstStartNs == 0 && command.Queue.IsProfiling)
            transfer.FirstStartNs = StatusOf(0, command.Handle, status, true, null).StartNs;
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
