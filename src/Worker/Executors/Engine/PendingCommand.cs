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
internal sealed class PendingCommand : ICommandState
{
    private volatile bool _mayRun = true;
    private volatile bool _hasEnded;

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

    /// <summary>What a kernel needs to begin; null for other commands.</summary>
    public LaunchTicket? Launch { get; init; }

    /// <inheritdoc/>
    public bool MayRun
    {
        get => _mayRun || _hasEnded;
        set => _mayRun = value;
    }

    /// <summary>It is known to be done.</summary>
    public bool HasEnded
    {
        get => _hasEnded;
        set => _hasEnded = value;
    }

    /// <summary>What it waits for that may not be done for long. Guarded by the <see cref="TurnGate"/>'s lock.</summary>
    public ICommandState[] Blockers { get; set; } = [];

    /// <summary>
    /// Commands that it waits for: they are told to be done, and the data of reads are on their way, before it is told.
    /// Guarded by the tracker's lock once it is tracked.
    /// </summary>
    public PendingCommand[] Before { get; set; } = [];

    /// <summary>In a queue without order: it waits for all before it.</summary>
    public bool CoversAll { get; set; }

    /// <summary>Place in the queue's list while it is not done. Guarded by the tracker's lock.</summary>
    public LinkedListNode<PendingCommand>? Node { get; set; }
}

/// <summary>What the pieces of one transfer know of each other. Guarded by the tracker's lock.</summary>
internal sealed class TransferState
{
    public int Failure { get; set; }

    /// <summary>Times of the first piece: the transfer was enqueued and started when it was.</summary>
    public EventStatus First { get; set; }
}
