using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>Which jobs a list has.</summary>
public sealed record JobQuery
{
    /// <summary>Only jobs in this state; null for all.</summary>
    public JobState? State { get; init; }

    /// <summary>Jobs of one page; null for the server's own number.</summary>
    public int? Limit { get; init; }

    /// <summary>Where the page begins: <see cref="JobList.Next"/> of the one before; null for the newest.</summary>
    public string? After { get; init; }
}
