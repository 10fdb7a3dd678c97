namespace GpuActors.Shared.Api;

/// <summary>Answer of <c>GET /v1/jobs/{id}/explain</c>: why a job is where it is, or why it waits.</summary>
public sealed record JobExplanation
{
    /// <summary>The job's id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>All in a sentence, for people.</summary>
    public required string Summary { get; init; }

    /// <summary>The slices that it holds.</summary>
    public IReadOnlyList<PlacedSlice> Slices { get; init => field = value ?? []; } = [];

    /// <summary>Why there; null while it holds none, and for what was placed before this was recorded.</summary>
    public PlacementChoice? Choice { get; init; }

    /// <summary>What keeps it off hosts and GPUs while it waits.</summary>
    public IReadOnlyList<PlacementReason> Reasons { get; init => field = value ?? []; } = [];

    /// <summary>What would make room while it waits, each a sentence.</summary>
    public IReadOnlyList<string> Help { get; init => field = value ?? []; } = [];

    /// <summary>Jobs that could move and so make room for it: a proposal, nothing is moved.</summary>
    public IReadOnlyList<ProposedMove> Moves { get; init => field = value ?? []; } = [];
}

/// <summary>A job that would have to move.</summary>
/// <param name="Job">Its id; null: it is another tenant's.</param>
/// <param name="From">The GPU that it has a slice of, <c>HOST/INDEX</c>.</param>
/// <param name="To">The GPU where it would go.</param>
public sealed record ProposedMove(string? Job, string From, string To);

/// <summary>Why a place was taken and not another.</summary>
/// <param name="Policy">The policy that decided.</param>
/// <param name="Host">The host that was taken.</param>
/// <param name="Score">Its score; higher is better.</param>
/// <param name="NextHost">The best of the others that had room; null if none had.</param>
/// <param name="NextScore">Its score.</param>
/// <param name="HostsWithRoom">How many hosts had room.</param>
public sealed record PlacementChoice(
    string Policy, string Host, double Score, string? NextHost, double? NextScore, int HostsWithRoom);

/// <summary>One thing that keeps a request off hosts or GPUs.</summary>
/// <param name="Count">Off how many.</param>
/// <param name="What">Of what, and why, such as <c>GPU(s) in use, and a whole one is asked for</c>.</param>
public sealed record PlacementReason(int Count, string What);
