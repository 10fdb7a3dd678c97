namespace GpuActors.Shared.Jobs;

/// <summary>
/// Of a session that a client drives command by command instead of sending steps: how long it lives without its client.
/// </summary>
/// <param name="Lease">How long it goes on although no connection of its client is there; null: until it is ended.</param>
/// <param name="IdleLimit">How long it goes on although no command comes.</param>
public sealed record InteractiveTerms(TimeSpan? Lease, TimeSpan IdleLimit)
{
    /// <summary>The shortest lease.</summary>
    public static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(5);

    /// <summary>The longest lease.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromMinutes(10);

    /// <summary>The shortest idle limit.</summary>
    public static readonly TimeSpan ShortestIdleLimit = TimeSpan.FromSeconds(10);

    /// <summary>The longest idle limit.</summary>
    public static readonly TimeSpan LongestIdleLimit = TimeSpan.FromDays(7);

    /// <summary>The lease of a document that gives none.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(30);

    /// <summary>The idle limit of a document that gives none.</summary>
    public static readonly TimeSpan DefaultIdleLimit = TimeSpan.FromMinutes(30);

    /// <summary>Clients ask at least this often for a session that waits, however short its lease is.</summary>
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(60);

    /// <summary>The terms of a document that gives none.</summary>
    public static InteractiveTerms Default { get; } = new(DefaultLease, DefaultIdleLimit);

    /// <summary>How long it waits for a GPU although nobody asks for its status; null: for ever.</summary>
    public TimeSpan? Patience => Lease is not { } lease ? null : lease > ShortestPatience ? lease : ShortestPatience;
}
