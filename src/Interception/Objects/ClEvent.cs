using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// The end of an enqueued command, or a user event. Its state is asked for only when the program does, and only until
/// it has ended; what the stream has been told anyway (acknowledgements, errors, data that arrived) answers first.
/// </summary>
internal sealed unsafe class ClEvent : ClObject, IClKind
{
    private const int Unknown = int.MaxValue;

    private readonly ulong _sequence;
    private readonly Reply? _transfer;
    private int _ended = Unknown; // 0 or a negative code once it has ended
    private EventStatus? _times;

    private ClEvent(ClContext context, ClQueue? queue, ulong id, uint commandType, ulong sequence, Reply? transfer)
    {
        Context = context;
        Queue = queue;
        Id = id;
        CommandType = commandType;
        _sequence = sequence;
        _transfer = transfer;
        context.Hold();
        queue?.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidEvent;

    public ulong Id { get; }

    public ClContext Context { get; }

    /// <summary>The command's queue; null for a user event.</summary>
    public ClQueue? Queue { get; }

    public uint CommandType { get; }

    public bool IsUser => Queue is null;

    private CommandStream Stream => Context.Stream;

    /// <summary>The event of a command that was just sent.</summary>
    /// <param name="queue">The command's queue.</param>
    /// <param name="id">The event's id in the command; 0 for one that nobody but the client knows.</param>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="sequence">The command's number.</param>
    /// <param name="transfer">The reply after which the client's part is done, too; null when there is none.</param>
    public static ClEvent Of(ClQueue queue, ulong id, uint commandType, ulong sequence, Reply? transfer) =>
        new(queue.Context, queue, id, commandType, sequence, transfer);

    /// <summary><c>clCreateUserEvent</c>.</summary>
    public static ClEvent CreateUser(ClContext context)
    {
        var made = new ClEvent(context, null, context.Stream.NextId(), ClNames.CommandUser, 0, null);
        context.Stream.Send(new CreateUserEvent(made.Id, context.Id));
        return made;
    }

    /// <summary><c>clSetUserEventStatus</c>.</summary>
    public void SetStatus(int status)
    {
        ClFailure.Unless(IsUser, OpenClErrors.InvalidEvent);
        ClFailure.Unless(status <= ClNames.Complete, OpenClErrors.InvalidValue);
        ClFailure.Unless(
            Interlocked.CompareExchange(ref _ended, status, Unknown) == Unknown, OpenClErrors.InvalidOperation);
        Stream.Send(new SetUserEventStatus(Id, status));
        Stream.Flush(); // whoever waits for it may wait in another thread, or not at all
    }

    /// <summary>0 or a negative code when it is known to have ended, without asking; otherwise null.</summary>
    public int? Ended
    {
        get
        {
            int ended = Volatile.Read(ref _ended);
            if (ended != Unknown)
                return ended;
            if (Stream.IsLost)
                return End(OpenClErrors.OutOfResources);
            if (IsUser)
                return null;
            if (_transfer is not null)
                return _transfer.IsOver ? End(_transfer.Code) : null;
            bool isDone = _sequence <= Stream.Completed; // asked first: a failure is told before this is
            int failure = Stream.FailureOf(_sequence);
            if (failure != OpenClErrors.Success)
                return End(failure);
            return isDone ? End(OpenClErrors.Success) : null;
        }
    }

    /// <summary><c>CL_EVENT_COMMAND_EXECUTION_STATUS</c>.</summary>
    public int Status()
    {
        if (Ended is { } ended)
            return ended;
        if (IsUser)
            return ClNames.Submitted;
        if (_transfer is not null)
        {
            Stream.Flush();
            int state = Id == 0 ? ClNames.Submitted : Learn().Status;
            return _transfer.IsOver ? End(_transfer.Code) : Math.Max(state, 1);
        }
        return Learn().Status;
    }

    /// <summary>Waits for all of them.</summary>
    /// <exception cref="ClFailure">One failed, or the connection is lost.</exception>
    public static void Wait(ReadOnlySpan<ClEvent> events)
    {
        CommandStream stream = events[0].Stream;
        var asked = new List<ulong>();
        stream.Flush();
        foreach (ClEvent waited in events)
        {
            if (waited.Ended is null && waited._transfer is null)
                asked.Add(waited.Id);
        }
        foreach (ulong[] part in asked.Chunk(ProtocolLimits.MaxWaitList))
            AskFor(stream, part);
        var failed = false;
        foreach (ClEvent waited in events)
        {
            if (waited._transfer is { } transfer)
                stream.Wait(transfer);
            if (waited.Ended is null)
                waited.Settle();
            failed |= waited.Ended < 0;
        }
        if (failed)
            throw new ClFailure(OpenClErrors.ExecStatusErrorForEventsInWaitList);
    }

    /// <summary>
    /// Runs an action with the event's status once it has reached a state, on the callbacks' thread.
    /// </summary>
    /// <param name="state"><c>CL_COMPLETE</c>, <c>CL_RUNNING</c> or <c>CL_SUBMITTED</c>.</param>
    /// <param name="action">Gets that state, or a negative code.</param>
    public void Notify(int state, Action<int> action)
    {
        Hold();
        void Tell(int status)
        {
            CallbackThread.Post(() =>
            {
                action(status < 0 ? status : state);
                Drop();
            });
        }
        if (Ended is { } ended)
        {
            Tell(ended);
            return;
        }
        if (_transfer is { } transfer)
        {
            transfer.ContinueWith(() => Tell(transfer.Code));
            return;
        }
        var reply = new Reply<EventStatus> { IsUnattended = true };
        reply.ContinueWith(() => Tell(reply.Code != 0 ? reply.Code : reply.Value.Status));
        Stream.Send(new SubscribeEvent(Id, state), reply);
        Stream.Flush();
    }

    /// <summary><c>clGetEventInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer) => name switch
    {
        ClNames.EventCommandQueue => answer.Value(Queue?.Handle ?? 0),
        ClNames.EventCommandType => answer.Value(CommandType),
        ClNames.EventReferenceCount => answer.Value(References),
        ClNames.EventCommandExecutionStatus => answer.Destination is null ? answer.Value(0) : answer.Value(Status()),
        ClNames.EventContext => answer.Value(Context.Handle),
        _ => OpenClErrors.InvalidValue,
    };

    /// <summary><c>clGetEventProfilingInfo</c>.</summary>
    public int Profile(uint name, InfoAnswer answer)
    {
        if (name is < ClNames.ProfilingCommandQueued or > ClNames.ProfilingCommandComplete)
            return OpenClErrors.InvalidValue;
        if (IsUser || !Queue!.IsProfiling)
            return OpenClErrors.ProfilingInfoNotAvailable;
        if (Status() != ClNames.Complete)
            return OpenClErrors.ProfilingInfoNotAvailable;
        EventStatus times = _times ?? Learn();
        if (!times.HasTimes)
            return OpenClErrors.ProfilingInfoNotAvailable;
        return answer.Value(name switch
        {
            ClNames.ProfilingCommandQueued => times.QueuedNs,
            ClNames.ProfilingCommandSubmit => times.SubmitNs,
            ClNames.ProfilingCommandStart => times.StartNs,
            _ => times.EndNs,
        });
    }

    protected override void Destroy()
    {
        if (Id != 0)
            Stream.Release(Id);
        Queue?.Drop();
        Context.Drop();
    }

    private static void AskFor(CommandStream stream, ulong[] ids)
    {
        try
        {
            stream.Ask<WaitEvents, Done>(new WaitEvents(ids));
        }
        catch (ClFailure) when (!stream.IsLost)
        {
            // one of them failed: each is asked for its own code
        }
    }

    /// <summary>It was waited for: it has ended, or the wait has failed for another one of the list.</summary>
    private void Settle()
    {
        while (Ended is null)
        {
            if (IsUser)
            {
                AskFor(Stream, [Id]);
                if (Ended is null)
                    End(OpenClErrors.Success); // released while it was waited for
            }
            else if (Learn().Status > 0)
            {
                AskFor(Stream, [Id]);
            }
        }
    }

    private EventStatus Learn()
    {
        EventStatus status = Stream.Ask<QueryEvent, EventStatus>(new QueryEvent(Id));
        if (status.HasTimes)
            _times = status;
        if (status.Status <= 0 && _transfer is null)
            End(ClFailure.ToStandard(status.Status));
        return status;
    }

    private int End(int code)
    {
        Interlocked.CompareExchange(ref _ended, code, Unknown);
        return Volatile.Read(ref _ended);
    }
}
