namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.api</c>: a scheduler's HTTP API.</summary>
public sealed record HttpApiSettings
{
    /// <summary>Address to listen on.</summary>
    public required string Host { get; init; }

    /// <summary>Port to listen on; 0 picks a free one.</summary>
    public required int Port { get; init; }

    /// <summary>The largest body of a request other than a blob's upload.</summary>
    public required long MaxBodyBytes { get; init; }

    /// <summary>The longest time that a query waits for a job's end.</summary>
    public required TimeSpan MaxWait { get; init; }

    /// <summary>Requests of one tenant per second; null for no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests of one tenant at once before the limit counts.</summary>
    public required int RequestBurst { get; init; }

    /// <summary>Open connections.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Hosts that one answer lists.</summary>
    public required int MaxHostsListed { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static HttpApiSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.api");
        return new HttpApiSettings
        {
            Host = section.Required("host"),
            Port = section.Port("port"),
            MaxBodyBytes = section.Bytes("max-body", Limits.Kibibyte, Limits.Gibibyte),
            MaxWait = section.Time("max-wait", TimeSpan.Zero, Limits.Hour),
            RequestsPerSecond = section.Number("rate-limit.requests-per-second", 0) is > 0 and var rate ? rate : null,
            RequestBurst = section.Number("rate-limit.burst", 1),
            MaxConnections = section.Number("max-connections", 1),
            MaxHostsListed = section.Number("max-hosts-listed", 1),
        };
    }
}
