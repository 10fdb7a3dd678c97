namespace GpuActors.Worker.Sessions;

/// <summary>What ended an interactive session.</summary>
internal enum SessionEndKind
{
    /// <summary>Its client gave it back.</summary>
    Released,

    /// <summary>No connection of its client was there for its lease.</summary>
    LeaseLost,

    /// <summary>No command came for its idle limit.</summary>
    Idle,

    /// <summary>Its time limit.</summary>
    TimeLimit,

    /// <summary>The scheduler's word, or the worker's end.</summary>
    Stopped,
}

/// <summary>The end of an interactive session.</summary>
/// <param name="Kind">What ended it.</param>
/// <param name="Reason">The same in a sentence.</param>
internal sealed record SessionEnd(SessionEndKind Kind, string Reason);
