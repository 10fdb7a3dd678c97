namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>How frames are protected after the handshake; both ends must be set alike.</summary>
enum ProtectionMode : byte
{
    /// <summary>By TLS below.</summary>
    Transport = 0,

    /// <summary>By AES-256-GCM with keys from the handshake.</summary>
    AesGcm = 1,
}

/// <summary>Why a dialled node ends a handshake.</summary>
enum RefusalReason : byte
{
    /// <summary>The proof was wrong: the secrets differ, or the handshake was replayed or altered.</summary>
    AuthenticationFailed = 1,

    /// <summary>The nodes speak different versions of the protocol.</summary>
    VersionMismatch = 2,

    /// <summary>One node expects TLS to protect frames, the other protects them itself.</summary>
    ProtectionMismatch = 3,

    /// <summary>The node is dialling the caller at this moment and that connection takes precedence.</summary>
    SimultaneousOpen = 4,

    /// <summary>A connection that the caller did not know of when it dialled is in use.</summary>
    AlreadyConnected = 5,

    /// <summary>This incarnation of the caller was declared dead.</summary>
    Quarantined = 6,

    /// <summary>The node is going down.</summary>
    ShuttingDown = 7,

    /// <summary>The node has as many peers as it may have.</summary>
    TooManyPeers = 8,
}

/// <summary>First frame, from the node that dials.</summary>
/// <param name="Version">Protocol version.</param>
/// <param name="Protection">How the dialling node protects frames.</param>
/// <param name="Nonce">32 random bytes.</param>
/// <param name="Uid">Incarnation of the dialling node.</param>
/// <param name="LastSession">The newest connection to this peer that the dialling node knows of; 0 for none.</param>
/// <param name="Address">Its own address.</param>
/// <param name="DialledAddress">The address that it means to reach.</param>
sealed record Hello(
    byte Version, ProtectionMode Protection, byte[] Nonce, ulong Uid, ulong LastSession, string Address,
    string DialledAddress);

/// <summary>Second frame, from the dialled node.</summary>
/// <param name="Nonce">32 random bytes.</param>
/// <param name="Uid">Incarnation of the dialled node.</param>
/// <param name="Address">Its own address.</param>
sealed record Challenge(byte[] Nonce, ulong Uid, string Address);

/// <summary>Third frame: HMAC-SHA256 by which the dialling node shows that it has the secret.</summary>
sealed record Proof(byte[] Mac);

/// <summary>Fourth frame: the dialled node shows the same, and the connection is open.</summary>
sealed record Welcome(byte[] Mac);

/// <summary>Ends the handshake at any point.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Mac">
/// HMAC-SHA256 once the caller has proved itself; zeros before, when it may come from anybody and is believed only as
/// far as a broken connection would be.
/// </param>
sealed record Refusal(RefusalReason Reason, byte[] Mac);
