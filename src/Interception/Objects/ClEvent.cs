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

    private static int _unsetUserEvents;

    private readonly CommandStream? _home;
    private readonly ulong _sequence;
    private readonly Reply? _transfer;
    private int _ended = Unknown; // 0 or a negative code once it has ended
    private EventStatus? _times;
    private ulong _bridges; // a bit for each slice on which a user event stands for it

    private ClEvent(
        ClContext context, ClQueue? queue, CommandStream? home, ulong id, uint commandType, ulong sequence,
        Reply? transfer)
    {
        Context = context;
        Queue = queue;
        _home = home;
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

    public bool IsUser => _home is null;

    /// <summary>Whether commands may wait for the program itself.</summary>
    public static bool AnyUserEventIsUnset => Volatile.Read(ref _unsetUserEvents) > 0;

    /// <summary>Its command's stream; a user event is on all streams of its context.</summary>
    private CommandStream Stream => _home ?? Context.Stream;

    /// <summary>The event of a command that was just sent.</summary>
    /// <param name="queue">The command's queue.</param>
    /// <param name="id">The event's id in the command; 0 for one that nobody but the client knows.</param>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="sequence">The command's number.</param>
    /// <param name="transfer">The reply after which the client's part is done, too; null when there is none.</param>
    public static ClEvent Of(ClQueue queue, ulong id, uint commandType, ulong sequence, Reply? transfer) =>
        new(queue.Context, queue, queue.Stream, id, commandType, sequence, transfer);

    /// <summary>The event of a command that the library sent on its own account.</summary>
    public static ClEvent OfLibrary(ClContext context, CommandStream stream, ulong id, ulong sequence) =>
        new(context, null, stream, id, ClNames.CommandMarker, sequence, null);

    /// <summary><c>clCreateUserEvent</c>.</summary>
    public static ClEvent CreateUser(ClContext context)
    {
        var made = new ClEvent(context, null, null, context.Streams[0].NextId(), ClNames.CommandUser, 0, null);
        Interlocked.Increment(ref _unsetUserEvents);
        context.SendAll(new CreateUserEvent(made.Id, context.Id));
        return made;
    }

    /// <summary><c>clSetUserEventStatus</c>.</summary>
    public void SetStatus(int status)
    {
        ClFailure.Unless(IsUser, OpenClErrors.InvalidEvent);
        ClFailure.Unless(status <= ClNames.Complete, OpenClErrors.InvalidValue);
        ClFailure.Unless(
            Interlocked.CompareExchange(ref _ended, status, Unknown) == Unknown, OpenClErrors.InvalidOperation);
        Interlocked.Decrement(ref _unsetUserEvents);
        Context.SendAll(new SetUserEventStatus(Id, status));
        foreach (CommandStream stream in Context.Streams)
            stream.Flush(); // whoever waits for it may wait in another thread, or not at all
    }

    /// <summary>
    /// Makes it known by its id to commands of any slice of its context. On another slice than its command's a user
    /// event stands for it, which is set when its end is known here.
    /// </summary>
    /// <param name="stream">Of the slice of the waiting command, which is sent after this.</param>
    /// <returns>False when it has ended well: there is nothing to wait for.</returns>
    /// <exception cref="ClFailure">The connection to that slice is lost.</exception>
    public bool IsToBeAwaitedOn(CommandStream stream)
    {
        if (_home is null || _home == stream)
            return true;
        if (Ended == OpenClErrors.Success)
            return false;
        ulong slice = 1UL << Array.IndexOf(Context.Streams, stream);
        lock (this)
        {
            if ((_bridges & slice) != 0)
                return true;
            stream.Send(new CreateUserEvent(Id, Context.Id));
            stream.OpenBridge();
            _bridges |= slice;
        }
        Hold();
        void End(int code) => stream.Relay.Post(() => Bridge(stream, code));
        try
        {
            When(ClNames.Complete, End);
        }
        catch (ClFailure failure)
        {
            End(failure.Code); // its own stream was lost just now
        }
        return true;
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
        foreach (CommandStream stream in events[0].Context.Streams)
            stream.Flush();
        foreach (CommandStream stream in events[0].Context.Streams)
            WaitOn(stream, events);
        var failed = false;
        foreach (ClEvent waited in events)
        {
            if (waited._transfer is { } transfer)
                waited.Stream.Wait(transfer);
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
        When(state, Tell);
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
        if (Queue is not { IsProfiling: true })
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
        if (IsUser && Volatile.Read(ref _ended) == Unknown)
            Interlocked.Decrement(ref _unsetUserEvents);
        if (_home is null)
            Context.Release(Id);
        else if (Id != 0)
            _home.Release(Id);
        if (_bridges != 0)
            Context.Release(Id, _bridges);
        Queue?.Drop();
        Context.Drop();
    }

    private static void WaitOn(CommandStream stream, ReadOnlySpan<ClEvent> events)
    {
        var asked = new List<ulong>();
        foreach (ClEvent waited in events)
        {
            if (waited.Stream == stream && waited.Ended is null && waited._transfer is null)
                asked.Add(waited.Id);
        }
        foreach (ulong[] part in asked.Chunk(ProtocolLimits.MaxWaitList))
            AskFor(stream, part);
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

    /// <summary>
    /// Calls an action once the event has reached a state, with that or a negative code; on any thread, which it must not
    /// hold up.
    /// </summary>
    private void When(int state, Action<int> action)
    {
        if (Ended is { } ended)
        {
            action(ended);
            return;
        }
        if (_transfer is { } transfer)
        {
            transfer.ContinueWith(() => action(transfer.Code));
            return;
        }
        var reply = new Reply<EventStatus> { IsUnattended = true };
        reply.ContinueWith(() => action(reply.Code != 0 ? reply.Code : reply.Value.Status));
        Stream.Send(new SubscribeEvent(Id, state), reply);
        Stream.Flush();
    }

    /// <summary>The user event that stands for it on another stream ends as it did.</summary>
    private void Bridge(CommandStream stream, int code)
    {
        try
        {
            stream.Send(new SetUserEventStatus(Id, Math.Min(code, 0)));
            stream.Flush();
        }
        catch (ClFailure)
        {
            // lost: nothing waits there any more
        }
        finally
        {
            stream.CloseBridge();
            Drop();
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
