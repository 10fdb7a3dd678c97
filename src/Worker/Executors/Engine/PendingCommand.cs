using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>What is to be done once a piece of enqueued work is done.</summary>
internal enum PieceKind
{
    /// <summary>Nothing but to book it.</summary>
    Work,

    /// <summary>The staging block goes back to the pool.</summary>
    Write,

    /// <summary>The staging block goes to the client as a Data frame.</summary>
    Read,
}

/// <summary>
/// One piece of enqueued work: a whole command, or a chunk of a transfer, of which the last one ends the command.
/// </summary>
internal sealed class PendingCommand
{
    /// <summary>The command's sequence number.</summary>
    public required ulong Sequence { get; init; }

    public required Opcode Opcode { get; init; }

    public required QueueObject Queue { get; init; }

    /// <summary>The driver's event; 0 for a Finish, which is done when all before it are.</summary>
    public nint Handle { get; init; }

    /// <summary>Client's event id, or 0.</summary>
    public ulong EventId { get; init; }

    public bool Notify { get; init; }

    public PieceKind Piece { get; init; }

    public StagingBlock Block { get; init; }

    /// <summary>Where the block's bytes belong in the command's data.</summary>
    public ulong Offset { get; init; }

    public int Length { get; init; }

    /// <summary>Whether the command is done when this piece is.</summary>
    public bool IsLast { get; init; } = true;

    /// <summary>Whether a Done frame is due at the end, and over how many data bytes.</summary>
    public ulong? ReplyBytes { get; init; }

    /// <summary>Common to the pieces of a transfer: the first failure among them.</summary>
    public TransferState? Transfer { get; init; }

    /// <summary>Place in the queue's list while it is not done. Guarded by the tracker's lock.</summary>
    public LinkedListNode<PendingCommand>? Node { get; set; }
}

/// <summary>What the pieces of one transfer know of each other. Guarded by the tracker's lock.</summary>
internal sealed class TransferState
{
    public int Failure { get; set; }

    /// <summary>Times of the first piece: the transfer started when it did.</summary>
    public ulong FirstStartNs { get; set; }
}
