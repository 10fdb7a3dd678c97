namespace GpuActors.Shared.Api;

/// <summary>An actor of the node that answered.</summary>
public sealed record ActorStatus
{
    /// <summary>Where it is, from the root: <c>/user/sessions/12/acme%2Fjob-1</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Name of its class.</summary>
    public required string Type { get; init; }

    /// <summary>What it does: <c>idle</c>, <c>busy</c>, <c>awaiting</c>, <c>suspended</c>, <c>restarting</c>,
    /// <c>stopping</c>.</summary>
    public required string Activity { get; init; }

    /// <summary>Messages that wait; approximate while it works.</summary>
    public int Waiting { get; init; }

    /// <summary>Number of its children.</summary>
    public int Children { get; init; }
}

/// <summary>An actor of the node that answered that is not started because its journal can't be read.</summary>
public sealed record QuarantinedActorStatus
{
    /// <summary>Its persistence id: <c>session-acme/job-1</c>.</summary>
    public required string PersistenceId { get; init; }

    /// <summary>Where it lived.</summary>
    public required string Path { get; init; }

    /// <summary>Which event is wrong, and how, for people.</summary>
    public required string Problem { get; init; }

    /// <summary>When it was tried last, by the node's clock.</summary>
    public required DateTimeOffset Since { get; init; }
}

/// <summary>Answer of <c>GET /v1/actors/quarantined</c>.</summary>
public sealed record QuarantinedActorList
{
    /// <summary>By persistence id.</summary>
    public IReadOnlyList<QuarantinedActorStatus> Actors { get; init => field = value ?? []; } = [];
}

/// <summary>Answer of <c>GET /v1/actors</c>.</summary>
public sealed record ActorList
{
    /// <summary>The actor that was asked for, then those below it, nearer ones first.</summary>
    public IReadOnlyList<ActorStatus> Actors { get; init => field = value ?? []; } = [];

    /// <summary>Whether there are more than were asked for.</summary>
    public bool More { get; init; }
}
