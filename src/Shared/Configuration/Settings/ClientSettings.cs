namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.client</c>.</summary>
public sealed record ClientSettings
{
    /// <summary>Addresses of schedulers' HTTP APIs, tried in turn; at least one.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>The ticket to show; null when none is configured.</summary>
    public string? Ticket { get; init; }

    /// <summary>How long one request may take, beside the time that it asks to wait.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>How often a request is tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>The first wait between tries.</summary>
    public required TimeSpan RetryDelayMin { get; init; }

    /// <summary>The longest wait between tries.</summary>
    public required TimeSpan RetryDelayMax { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static ClientSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.client");
        var min = section.Time("retry-delay.min", Limits.Instant, Limits.Hour);
        return new ClientSettings
        {
            Servers = ServersOf(section),
            Ticket = section.Optional("ticket"),
            RequestTimeout = section.Time("request-timeout", Limits.Instant, Limits.Hour),
            Attempts = section.Number("attempts", 1, 1000),
            RetryDelayMin = min,
            RetryDelayMax = section.Time("retry-delay.max", min, Limits.Hour),
        };
    }

    private static List<Uri> ServersOf(SettingsReader section)
    {
        var servers = new List<Uri>();
        foreach (string text in section.Texts("servers"))
        {
            servers.Add(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw section.Wrong("servers", "a list of addresses such as \"http://gpu-head:4780\""));
        }

        return servers.Count > 0 ? servers : throw section.Wrong("servers", "a list of at least one address");
    }
}
