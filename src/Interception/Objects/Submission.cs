using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// What all <c>clEnqueue…</c> calls have in common: the wait list before the command is sent, the event after.
/// </summary>
internal readonly unsafe ref struct Submission
{
    private readonly nint* _event;

    /// <summary>Checks the wait list.</summary>
    /// <exception cref="ClFailure">The list, or an event of it, is not valid or not of the queue's context.</exception>
    public Submission(ClQueue queue, uint waits, nint* waitList, nint* @event)
    {
        Queue = queue;
        _event = @event;
        ClFailure.Unless((waits == 0) == (waitList is null), OpenClErrors.InvalidEventWaitList);
        ulong[]? ids = waits == 0 ? null : new ulong[waits];
        for (var i = 0; i < waits; i++)
        {
            ClEvent waited = HandleTable.Find<ClEvent>(waitList[i])
                ?? throw new ClFailure(OpenClErrors.InvalidEventWaitList);
            ClFailure.Unless(waited.Context == queue.Context, OpenClErrors.InvalidContext);
            ids![i] = waited.Id;
        }
        Enqueue = new Enqueue(queue.Id, @event is null ? 0 : queue.Stream.NextId(), ids is null ? default : new IdList(ids));
    }

    public ClQueue Queue { get; }

    /// <summary>The part that all commands on a queue begin with.</summary>
    public Enqueue Enqueue { get; }

    /// <summary>The command was sent: gives the program its event, if it wants one.</summary>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="sequence">What the stream returned.</param>
    /// <param name="transfer">The reply after which the client's part is done, too.</param>
    public void Sent(uint commandType, ulong sequence, Reply? transfer = null)
    {
        if (_event is not null)
            *_event = ClEvent.Of(Queue, Enqueue.Event, commandType, sequence, transfer).Handle;
    }
}
