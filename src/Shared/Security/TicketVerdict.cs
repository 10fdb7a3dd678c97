namespace GpuActors.Shared.Security;

/// <summary>Why a ticket is not accepted.</summary>
public enum TicketFailure
{
    /// <summary>It is accepted.</summary>
    None,

    /// <summary>It is not of the form of a ticket.</summary>
    Malformed,

    /// <summary>It is of a version that is not known here.</summary>
    UnknownVersion,

    /// <summary>It was changed, or signed with another cluster's secret.</summary>
    WrongSignature,

    /// <summary>It is not valid yet.</summary>
    NotYetValid,

    /// <summary>It is not valid any more.</summary>
    Expired,
}

/// <summary>What became of a ticket's verification.</summary>
/// <param name="Ticket">The ticket, if it is accepted; otherwise null, also when the signature was right.</param>
/// <param name="Failure">Why not.</param>
/// <param name="Reason">Why not, as a sentence that may be shown to the bearer: nothing of the ticket's content.</param>
public readonly record struct TicketVerdict(Ticket? Ticket, TicketFailure Failure, string Reason);
