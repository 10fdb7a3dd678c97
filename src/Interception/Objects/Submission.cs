using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// What all <c>clEnqueue…</c> calls have in common: the wait list before the command is sent, the event after. In a
/// context of several slices also where the memory is that the command uses (<see cref="Claim"/>). To be disposed of.
/// </summary>
internal readonly unsafe ref struct Submission
{
    private readonly nint* _event;
    private readonly Claim? _claim;

    /// <summary>Checks the wait list.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="waits">Events of the wait list.</param>
    /// <param name="waitList">Their handles.</param>
    /// <param name="event">Gets the command's event; null when the program wants none.</param>
    /// <param name="uses">The memory that the command uses.</param>
    /// <exception cref="ClFailure">
    /// The list, or an event of it, is not valid or not of the queue's context; or the memory cannot be had.
    /// </exception>
    public Submission(
        ClQueue queue, uint waits, nint* waitList, nint* @event, params scoped ReadOnlySpan<MemoryUse> uses)
    {
        Queue = queue;
        _event = @event;
        ClFailure.Unless((waits == 0) == (waitList is null), OpenClErrors.InvalidEventWaitList);
        if (queue.Context.IsShared)
        {
            _claim = new Claim(queue, uses);
            Enqueue = _claim.Begin(new ReadOnlySpan<nint>(waitList, (int)waits), @event is not null);
            return;
        }
        ulong[]? ids = waits == 0 ? null : new ulong[waits];
        for (var i = 0; i < waits; i++)
            ids![i] = Find(queue, waitList[i]).Id;
        Enqueue = new Enqueue(queue.Id, @event is null ? 0 : queue.Stream.NextId(), ids is null ? default : new IdList(ids));
    }

    public ClQueue Queue { get; }

    /// <summary>The part that all commands on a queue begin with.</summary>
    public Enqueue Enqueue { get; }

    /// <summary>An event of a wait list.</summary>
    /// <exception cref="ClFailure">It is none, or not of the queue's context.</exception>
    public static ClEvent Find(ClQueue queue, nint handle)
    {
        ClEvent waited = HandleTable.Find<ClEvent>(handle) ?? throw new ClFailure(OpenClErrors.InvalidEventWaitList);
        ClFailure.Unless(waited.Context == queue.Context, OpenClErrors.InvalidContext);
        return waited;
    }

    /// <summary>The command was sent; who waits for its end does so after this.</summary>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="sequence">What the stream returned.</param>
    /// <param name="transfer">The reply after which the client's part is done, too.</param>
    public void Enqueued(uint commandType, ulong sequence, Reply? transfer) =>
        _claim?.Enqueued(commandType, sequence, transfer);

    /// <summary>The command was sent: gives the program its event, if it wants one.</summary>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="sequence">What the stream returned.</param>
    /// <param name="transfer">The reply after which the client's part is done, too.</param>
    public void Sent(uint commandType, ulong sequence, Reply? transfer = null)
    {
        if (_claim is not null)
        {
            _claim.Enqueued(commandType, sequence, transfer);
            if (_event is not null)
                *_event = _claim.TakeEvent();
        }
        else if (_event is not null)
        {
            *_event = ClEvent.Of(Queue, Enqueue.Event, commandType, sequence, transfer).Handle;
        }
    }

    /// <summary>The command was sent, but the call fails: there is no event for the program.</summary>
    public void Forget()
    {
        if (_claim is null && Enqueue.Event != 0)
            Queue.Stream.Release(Enqueue.Event);
    }

    /// <summary>The call is over, whatever came of it.</summary>
    public void Dispose() => _claim?.End();
}
