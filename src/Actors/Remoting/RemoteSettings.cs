using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Transport;

namespace GpuActors.Actors.Remoting;

/// <summary>How a node is reached and how it treats its peers.</summary>
public sealed record RemoteSettings
{
    /// <summary>The address to listen on; <c>0.0.0.0</c> listens on all.</summary>
    public string HostName { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The host that this node is known by, part of its address and of every ref to its actors; null takes
    /// <see cref="HostName"/>. Peers dial it. A node behind NAT that nobody can dial still needs one that is its own:
    /// the connections that it opens serve both directions.
    /// </summary>
    public string? PublicHostName { get; init; }

    /// <summary>The port that this node is known by; null takes the one it listens on.</summary>
    public int? PublicPort { get; init; }

    /// <summary>
    /// The secret that all nodes share: at least 16 bytes in UTF-8, best random ones. Whoever has it is a node and may
    /// send any message to any actor. It is never sent and never logged.
    /// </summary>
    public required string Secret { get; init; }

    /// <summary>
    /// Certificates for mutual TLS below the protocol; null leaves frames to the protocol's own AES-256-GCM with keys
    /// from the secret. All nodes alike.
    /// </summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>
    /// The longest frame that is sent or accepted. A message may have 16 KiB less; a longer one is a dead letter at
    /// its sender. All nodes alike.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Messages that may wait for one peer, connected or not. Further ones are dead letters; nobody ever blocks.
    /// </summary>
    public int SendQueueMessages { get; init; } = 100_000;

    /// <summary>Bytes that may wait for one peer.</summary>
    public long SendQueueBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How often a connection without other traffic shows that its node is alive.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a connected peer may be silent before its connection is given up and dialled anew. A pause of this
    /// node itself does not count.
    /// </summary>
    public TimeSpan AcceptablePause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a peer may be without a connection before it is unreachable: watchers of its actors receive
    /// <see cref="Terminated"/> and the messages that wait for it become dead letters.
    /// </summary>
    public TimeSpan UnreachableTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a peer that became unreachable is refused for good until it comes back as a new incarnation, as
    /// Akka.NET does. Off by default: the death watch is brought in step at every connect, so no message whose loss
    /// would matter to it can be lost, and a node that was cut off for a minute need not restart.
    /// </summary>
    public bool QuarantineUnreachable { get; init; }

    /// <summary>How long opening a connection may take, handshake not included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a handshake may take, on either side.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Callers that may be in the middle of a handshake at once; further ones are hung up on.</summary>
    public int MaxPendingHandshakes { get; init; } = 256;

    /// <summary>The same for callers from one host.</summary>
    public int MaxPendingHandshakesPerHost { get; init; } = 64;

    /// <summary>Peers that a node may have.</summary>
    public int MaxAssociations { get; init; } = 10_000;

    /// <summary>The wait after a failed attempt to connect; doubled after each further one, plus jitter.</summary>
    public TimeSpan ReconnectDelayMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between attempts to connect.</summary>
    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a shutdown waits until what is queued has been sent.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(2);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(HostName);
        RequirePort(Port, nameof(Port), 0);
        RequirePort(PublicPort ?? 1, nameof(PublicPort), 1);
        _ = new ClusterSecret(Secret);
        Require(MaxFrameBytes, nameof(MaxFrameBytes), 64 * 1024, 1024 * 1024 * 1024);
        Require(SendQueueMessages, nameof(SendQueueMessages), 1, int.MaxValue);
        Require(SendQueueBytes, nameof(SendQueueBytes), MaxFrameBytes, long.MaxValue);
        Require(MaxPendingHandshakes, nameof(MaxPendingHandshakes), 1, int.MaxValue);
        Require(MaxPendingHandshakesPerHost, nameof(MaxPendingHandshakesPerHost), 1, int.MaxValue);
        Require(MaxAssociations, nameof(MaxAssociations), 1, int.MaxValue);
        RequirePositive(HeartbeatInterval, nameof(HeartbeatInterval));
        RequirePositive(UnreachableTimeout, nameof(UnreachableTimeout));
        RequirePositive(ConnectTimeout, nameof(ConnectTimeout));
        RequirePositive(HandshakeTimeout, nameof(HandshakeTimeout));
        RequirePositive(ReconnectDelayMin, nameof(ReconnectDelayMin));
        RequirePositive(FlushTimeout, nameof(FlushTimeout));
        RequireAtLeast(AcceptablePause, nameof(AcceptablePause), 2 * HeartbeatInterval, "twice HeartbeatInterval");
        RequireAtLeast(ReconnectDelayMax, nameof(ReconnectDelayMax), ReconnectDelayMin, nameof(ReconnectDelayMin));
    }

    static void RequirePort(int value, string name, int min) => Require(value, name, min, ushort.MaxValue);

    static void Require(long value, string name, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(
                name, value, $"RemoteSettings.{name} must be between {min:N0} and {max:N0}");
        }
    }

    static void RequirePositive(TimeSpan value, string name) =>
        RequireAtLeast(value, name, TimeSpan.FromTicks(1), "zero");

    static void RequireAtLeast(TimeSpan value, string name, TimeSpan min, string minName)
    {
        if (value < min || value > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(
                name, value, $"RemoteSettings.{name} must be above {minName} and no more than a day");
        }
    }
}
