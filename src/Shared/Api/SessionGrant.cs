using System.Text.Json;

namespace GpuActors.Shared.Api;

/// <summary>
/// What lets a program use a session: where to connect, and the ticket that is proved there. The file that
/// <c>GPUACTORS_SESSION_FILE</c> names is exactly this document. Whoever has it can use the session: it is for nobody else
/// to read.
/// </summary>
public sealed record SessionGrant
{
    /// <summary>The variable that tells a program where its grant is.</summary>
    public const string FileVariable = "GPUACTORS_SESSION_FILE";

    /// <summary>The session, <c>TENANT/ID</c>.</summary>
    public required string Session { get; init; }

    /// <summary>The attempt that the ticket is for.</summary>
    public required long Epoch { get; init; }

    /// <summary>The ticket for all devices that have none of their own.</summary>
    public required string Ticket { get; init; }

    /// <summary>When the ticket expires.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The devices, at least one.</summary>
    public IReadOnlyList<GrantedDevice> Devices { get; init => field = value ?? []; } = [];

    /// <summary>Several sessions as one program sees them: the devices of all, each with its own session and ticket.</summary>
    /// <param name="grants">At least one.</param>
    public static SessionGrant Merge(IReadOnlyList<SessionGrant> grants) => grants.Count == 1 ? grants[0] : grants[0] with
    {
        ExpiresAt = grants.Min(grant => grant.ExpiresAt),
        Devices =
        [
            .. grants.SelectMany(grant => grant.Devices.Select(device => device with
            {
                Session = device.Session ?? grant.Session,
                Epoch = device.Epoch ?? grant.Epoch,
                Ticket = device.Ticket ?? grant.Ticket,
            })),
        ],
    };

    /// <summary>Reads a grant.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static SessionGrant Parse(ReadOnlySpan<byte> utf8)
    {
        var grant = JsonSerializer.Deserialize(utf8, ApiJsonContext.Default.SessionGrant);
        return grant is { Devices.Count: > 0, Session: not null, Ticket: not null }
            ? grant
            : throw new JsonException("A grant has a session, a ticket and at least one device.");
    }

    /// <summary>The grant as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ApiJsonContext.Default.SessionGrant);
}

/// <summary>One device of a grant.</summary>
public sealed record GrantedDevice
{
    /// <summary>The slice, <c>HOST/INDEX/sN</c>.</summary>
    public required string Slice { get; init; }

    /// <summary>Where its gateway listens, <c>HOST:PORT</c>.</summary>
    public required string Address { get; init; }

    /// <summary>SHA-256 of the certificate that the gateway must show, in hexadecimal; null: there is no TLS.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Path of the gateway's Unix socket, for programs on the same machine; null: there is none.</summary>
    public string? LocalSocket { get; init; }

    /// <summary>Tells whether the program is on the same machine.</summary>
    public string? Machine { get; init; }

    /// <summary>The session that it belongs to; null: that of the grant.</summary>
    public string? Session { get; init; }

    /// <summary>The attempt of that session; null: that of the grant.</summary>
    public long? Epoch { get; init; }

    /// <summary>The ticket for it; null: that of the grant.</summary>
    public string? Ticket { get; init; }
}
