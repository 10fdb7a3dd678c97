namespace GpuActors.Shared.Commands;

/// <summary>A whole frame as received. The payload belongs to the receive buffer: valid until the next read.</summary>
public readonly record struct Frame(FrameHeader Header, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What the frame is.</summary>
    public Opcode Opcode => Header.Opcode;

    /// <summary>The command that it is, or is about.</summary>
    public ulong Sequence => Header.Sequence;
}

/// <summary>The payload of one opcode.</summary>
public interface IFrameBody
{
    /// <summary>The opcode that goes into the header.</summary>
    Opcode Opcode { get; }

    /// <summary>Writes the fields in wire order.</summary>
    void Write(ref FrameWriter writer);
}

/// <summary>A payload that can read itself.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface IFrameBody<TSelf> : IFrameBody
    where TSelf : struct, IFrameBody<TSelf>
{
    /// <summary>The opcode of every value of this type.</summary>
    static abstract Opcode Code { get; }

    /// <summary>Reads the fields in wire order.</summary>
    /// <exception cref="ProtocolException">Truncated, or a field beyond its limit.</exception>
    static abstract TSelf Read(ref FrameReader reader);
}

/// <summary>A payload from client to executor: takes a sequence number and is acknowledged.</summary>
public interface ICommand : IFrameBody;

/// <summary>A command that the executor answers with one <typeparamref name="TReply"/> (or an Error) frame.</summary>
public interface ICommand<TReply> : ICommand
    where TReply : struct, IFrameBody<TReply>;

/// <summary>A command that is directly followed by Data frames of its own sequence number.</summary>
public interface ICarriesData : ICommand
{
    /// <summary>Bytes of all those Data frames together; 0 for none.</summary>
    ulong DataBytes { get; }

    /// <summary>Largest <see cref="DataBytes"/> that the command may announce.</summary>
    ulong DataBytesMax { get; }
}

/// <summary>A command that works on a queue.</summary>
public interface IEnqueueCommand : ICommand
{
    /// <summary>Queue, event and wait list.</summary>
    Enqueue Enqueue { get; }
}
