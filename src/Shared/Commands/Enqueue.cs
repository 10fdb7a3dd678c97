namespace GpuActors.Shared.Commands;

/// <summary>What every command on a queue has in common.</summary>
/// <param name="Queue">Queue id.</param>
/// <param name="Event">The id under which later commands may wait for this one; 0 makes no event.</param>
/// <param name="WaitList">Events that must be complete before this command starts.</param>
/// <param name="Notify">
/// Asks for an <see cref="EventStatus"/> frame, with profiling times when the queue profiles, once the command ends.
/// </param>
public readonly record struct Enqueue(ulong Queue, ulong Event = 0, IdList WaitList = default, bool Notify = false)
{
    public static implicit operator Enqueue(ulong queue) => new(queue);

    internal void Write(ref FrameWriter writer)
    {
        writer.U64(Queue);
        writer.U64(Event);
        writer.Bool(Notify);
        writer.Ids(WaitList, ProtocolLimits.MaxWaitList, "wait list");
    }

    internal static Enqueue Read(ref FrameReader reader)
    {
        ulong queue = reader.U64("queue");
        ulong @event = reader.U64("event");
        bool notify = reader.Bool("notify");
        return new Enqueue(queue, @event, reader.Ids(ProtocolLimits.MaxWaitList, "wait list"), notify);
    }
}
