using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>Which sessions a list has.</summary>
public sealed record SessionQuery
{
    /// <summary>Also those that have ended.</summary>
    public bool All { get; init; }

    /// <summary>Sessions of one page; null for the server's own number.</summary>
    public int? Limit { get; init; }

    /// <summary>Where the page begins: <see cref="SessionList.Next"/> of the one before; null for the newest.</summary>
    public string? After { get; init; }
}
