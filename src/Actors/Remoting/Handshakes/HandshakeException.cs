namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>A connection was not opened; the text says why and what would be right.</summary>
sealed class HandshakeException : IOException
{
    HandshakeException(string message, RefusalReason? reason, bool isAuthentic)
        : base(message)
    {
        Reason = reason;
        IsAuthentic = isAuthentic;
    }

    /// <summary>The peer's reason; null when it was this node that gave up.</summary>
    public RefusalReason? Reason { get; }

    /// <summary>Whether the peer has proved that the reason is its own.</summary>
    public bool IsAuthentic { get; }

    public static HandshakeException Refused(string address, RefusalReason reason, bool isAuthentic) =>
        new($"{address} refused the connection: {Explain(reason)}", reason, isAuthentic);

    public static HandshakeException WrongAddress(string dialled, string actual) =>
        new($"The node that answers at {dialled} calls itself {actual}; use that address", null, false);

    public static HandshakeException UnprovenPeer(string address) =>
        new($"The node that answers at {address} does not have this node's cluster secret", null, false);

    public static HandshakeException UnprovenCaller(string endPoint, string claimed) =>
        new($"A caller from {endPoint} that calls itself {claimed} does not have this node's cluster secret", null,
            false);

    public static HandshakeException Mismatched(
        string endPoint, Hello hello, RefusalReason reason, ProtectionMode own) =>
        new(
            reason switch
            {
                RefusalReason.VersionMismatch =>
                    $"A caller from {endPoint} speaks version {hello.Version} of the remoting protocol; this node "
                    + $"speaks {HandshakeCodec.Version}",
                _ => $"A caller from {endPoint} protects frames by {hello.Protection}, this node by {own}; "
                    + "set TLS alike on both",
            },
            reason,
            false);

    static string Explain(RefusalReason reason) => reason switch
    {
        RefusalReason.AuthenticationFailed => "the cluster secrets differ",
        RefusalReason.VersionMismatch => "it speaks another version of the remoting protocol",
        RefusalReason.ProtectionMismatch => "TLS is set on one side only",
        RefusalReason.SimultaneousOpen => "its own connection, opened at the same time, takes precedence",
        RefusalReason.AlreadyConnected => "it has a connection to this node in use",
        RefusalReason.Quarantined => "it has declared this incarnation dead; restart the actor system",
        RefusalReason.ShuttingDown => "it is shutting down",
        RefusalReason.TooManyPeers => "it has as many peers as it may have (RemoteSettings.MaxAssociations)",
        _ => $"reason {(byte)reason}",
    };
}
