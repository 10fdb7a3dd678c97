namespace GpuActors.Shared.Commands;

/// <summary>Moves memory objects to the queue's device, or to the host.</summary>
public readonly record struct Migrate(Enqueue Enqueue, MigrateFlags Flags, IdList Objects)
    : IEnqueueCommand, IFrameBody<Migrate>
{
    public static Opcode Code => Opcode.Migrate;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        Enqueue.Write(ref writer);
        writer.U64((ulong)Flags);
        writer.Ids(Objects, ProtocolLimits.MaxIds, "objects");
    }

    public static Migrate Read(ref FrameReader reader) => new(
        Enqueue.Read(ref reader), (MigrateFlags)reader.U64("flags"), reader.Ids(ProtocolLimits.MaxIds, "objects"));
}

/// <summary>An event for all that is before it in the queue, or for its wait list.</summary>
public readonly record struct EnqueueMarker(Enqueue Enqueue) : IEnqueueCommand, IFrameBody<EnqueueMarker>
{
    public static Opcode Code => Opcode.EnqueueMarker;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => Enqueue.Write(ref writer);

    public static EnqueueMarker Read(ref FrameReader reader) => new(Enqueue.Read(ref reader));
}

/// <summary>Holds all that is after it in the queue until all before it, or its wait list, is done.</summary>
public readonly record struct EnqueueBarrier(Enqueue Enqueue) : IEnqueueCommand, IFrameBody<EnqueueBarrier>
{
    public static Opcode Code => Opcode.EnqueueBarrier;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => Enqueue.Write(ref writer);

    public static EnqueueBarrier Read(ref FrameReader reader) => new(Enqueue.Read(ref reader));
}

/// <summary>Hands all of a queue to the device. No reply.</summary>
public readonly record struct Flush(ulong Queue) : ICommand, IFrameBody<Flush>
{
    public static Opcode Code => Opcode.Flush;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(Queue);

    public static Flush Read(ref FrameReader reader) => new(reader.U64("queue"));
}

/// <summary>Done once everything in the queue is done.</summary>
public readonly record struct Finish(ulong Queue) : ICommand<Done>, IFrameBody<Finish>
{
    public static Opcode Code => Opcode.Finish;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.U64(Queue);

    public static Finish Read(ref FrameReader reader) => new(reader.U64("queue"));
}

/// <summary>
/// Done once every command of the session before it is done, on any queue. Fails with the first error of those
/// commands since the last fence, so that a stream without replies can be checked in one place.
/// </summary>
public readonly record struct Fence : ICommand<Done>, IFrameBody<Fence>
{
    public static Opcode Code => Opcode.Fence;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
    }

    public static Fence Read(ref FrameReader reader) => default;
}

/// <summary>Done once all the events are complete; an Error when one of them failed.</summary>
public readonly record struct WaitEvents(IdList Events) : ICommand<Done>, IFrameBody<WaitEvents>
{
    public static Opcode Code => Opcode.WaitEvents;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer) => writer.Ids(Events, ProtocolLimits.MaxWaitList, "events");

    public static WaitEvents Read(ref FrameReader reader) =>
        new(reader.Ids(ProtocolLimits.MaxWaitList, "events"));
}
