namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.scheduler.cluster</c>: how a scheduler node takes part in its cluster.</summary>
public sealed record ClusterMemberSettings
{
    /// <summary>How long a node may be silent before others take over what it owns.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How often a node renews its lease.</summary>
    public required TimeSpan RenewInterval { get; init; }

    /// <summary>How much earlier than its lease's end a node stops acting.</summary>
    public required TimeSpan LeaseMargin { get; init; }

    /// <summary>After this a call to the store counts as failed.</summary>
    public required TimeSpan StoreTimeout { get; init; }

    /// <summary>A node that others have not reached for this long, though it has its lease, makes way.</summary>
    public required TimeSpan UnreachableAfter { get; init; }

    /// <summary>A node that has been down for this long is forgotten.</summary>
    public required TimeSpan RemoveAfter { get; init; }

    internal static ClusterMemberSettings From(SettingsReader section)
    {
        var settings = new ClusterMemberSettings
        {
            Lease = section.Time("lease", TimeSpan.FromMilliseconds(100), Limits.Hour),
            RenewInterval = section.Time("renew-interval", Limits.Instant, Limits.Hour),
            LeaseMargin = section.Time("lease-margin", TimeSpan.Zero, Limits.Hour),
            StoreTimeout = section.Time("store-timeout", Limits.Instant, Limits.Hour),
            UnreachableAfter = section.Time("unreachable-after", Limits.Instant, Limits.Hour),
            RemoveAfter = section.Time("remove-after", Limits.Instant, TimeSpan.FromDays(1)),
        };
        var shortest = settings.LeaseMargin + (2 * settings.RenewInterval);
        if (settings.Lease < shortest)
        {
            throw section.Wrong(
                "lease", $"at least lease-margin and two renew-intervals, that is {SettingsReader.Span(shortest)},");
        }

        foreach (var (key, value) in new[]
        {
            ("unreachable-after", settings.UnreachableAfter), ("remove-after", settings.RemoveAfter),
        })
        {
            if (value < settings.Lease)
            {
                throw section.Wrong(key, $"at least lease, which is {SettingsReader.Span(settings.Lease)},");
            }
        }

        return settings;
    }
}
