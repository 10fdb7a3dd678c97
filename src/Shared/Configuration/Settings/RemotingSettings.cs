namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.remoting</c>: connections between schedulers and workers.</summary>
public sealed record RemotingSettings
{
    /// <summary>Address to listen on.</summary>
    public required string Host { get; init; }

    /// <summary>Port to listen on; 0 picks a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Host that others reach this node by; null: <see cref="Host"/>.</summary>
    public string? PublicHost { get; init; }

    /// <summary>Port that others reach this node by; null: the one that it listens on.</summary>
    public int? PublicPort { get; init; }

    /// <summary>The longest frame.</summary>
    public required int MaxFrameBytes { get; init; }

    /// <summary>How often an idle connection shows that its node is alive.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>How long a peer may be silent; at least twice the interval.</summary>
    public required TimeSpan AcceptablePause { get; init; }

    /// <summary>How long a peer may be without a connection.</summary>
    public required TimeSpan UnreachableTimeout { get; init; }

    /// <summary>How long opening a connection may take.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long a handshake may take.</summary>
    public required TimeSpan HandshakeTimeout { get; init; }

    /// <summary>The first wait before connecting again.</summary>
    public required TimeSpan ReconnectDelayMin { get; init; }

    /// <summary>The longest wait before connecting again.</summary>
    public required TimeSpan ReconnectDelayMax { get; init; }

    /// <summary>Messages that may wait for one peer.</summary>
    public required int SendQueueMessages { get; init; }

    /// <summary>Bytes that may wait for one peer; at least a frame.</summary>
    public required long SendQueueBytes { get; init; }

    /// <summary>Callers in the middle of a handshake.</summary>
    public required int MaxPendingHandshakes { get; init; }

    /// <summary>The same from one address.</summary>
    public required int MaxPendingHandshakesPerHost { get; init; }

    /// <summary>Peers that a node may have.</summary>
    public required int MaxPeers { get; init; }

    /// <summary>Certificates for mutual TLS; null when it is off.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static RemotingSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.remoting");
        var settings = new RemotingSettings
        {
            Host = section.Required("host"),
            Port = section.Port("port"),
            PublicHost = section.Optional("public-host"),
            PublicPort = section.Port("public-port") is > 0 and var port ? port : null,
            MaxFrameBytes = (int)section.Bytes("max-frame", 64 * Limits.Kibibyte, Limits.Gibibyte),
            HeartbeatInterval = section.Time("heartbeat-interval", Limits.Instant, Limits.Hour),
            AcceptablePause = section.Time("acceptable-pause", Limits.Instant, Limits.Hour),
            UnreachableTimeout = section.Time("unreachable-timeout", Limits.Instant, Limits.Hour),
            ConnectTimeout = section.Time("connect-timeout", Limits.Instant, Limits.Hour),
            HandshakeTimeout = section.Time("handshake-timeout", Limits.Instant, Limits.Hour),
            ReconnectDelayMin = section.Time("reconnect-delay.min", Limits.Instant, Limits.Hour),
            ReconnectDelayMax = section.Time("reconnect-delay.max", Limits.Instant, Limits.Hour),
            SendQueueMessages = section.Number("send-queue.messages", 1),
            SendQueueBytes = section.Bytes("send-queue.bytes", 64 * Limits.Kibibyte),
            MaxPendingHandshakes = section.Number("max-pending-handshakes", 1),
            MaxPendingHandshakesPerHost = section.Number("max-pending-handshakes-per-host", 1),
            MaxPeers = section.Number("max-peers", 1),
            Tls = section.Flag("tls.enabled") ? TlsFiles.From(section.Section("tls")) : null,
        };
        settings.CheckTogether(section);
        return settings;
    }

    private void CheckTogether(SettingsReader section)
    {
        if (AcceptablePause < 2 * HeartbeatInterval)
        {
            throw section.Wrong(
                "acceptable-pause",
                $"at least twice heartbeat-interval, which is {SettingsReader.Span(HeartbeatInterval)},");
        }

        if (ReconnectDelayMax < ReconnectDelayMin)
        {
            throw section.Wrong(
                "reconnect-delay.max", $"at least reconnect-delay.min, which is {SettingsReader.Span(ReconnectDelayMin)},");
        }

        if (SendQueueBytes < MaxFrameBytes)
        {
            throw section.Wrong("send-queue.bytes", $"at least max-frame, which is {SettingsReader.Size(MaxFrameBytes)},");
        }
    }
}

/// <summary>PEM files for mutual TLS.</summary>
/// <param name="Certificate">This node's certificate.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">The authority that signed the certificates of all nodes.</param>
public sealed record TlsFiles(string Certificate, string Key, string Authority)
{
    internal static TlsFiles From(SettingsReader section) =>
        new(section.Required("certificate"), section.Required("key"), section.Required("ca"));
}
