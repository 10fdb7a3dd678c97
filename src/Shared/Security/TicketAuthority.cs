using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Security;

/// <summary>
/// Issues and verifies tickets: <c>gat1.PAYLOAD.SIGNATURE</c>, both parts in base64url without padding. The payload is
/// the ticket as JSON; the signature is HMAC-SHA256 over <c>gat1.PAYLOAD</c> with a key derived from the cluster's
/// secret. Safe to use from any thread.
/// </summary>
public sealed class TicketAuthority
{
    /// <summary>No ticket is longer than this.</summary>
    public const int MaxLength = 4096;

    private const string Version = "gat1.";

    /// <summary>Clocks of hosts differ; a ticket used directly after it was made must not fail for that.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <summary>An authority of the cluster that has <paramref name="secret"/>.</summary>
    public TicketAuthority(ClusterSecret secret, TimeProvider time)
    {
        _key = secret.DeriveKey("gpuactors/tickets/1");
        _time = time;
    }

    /// <summary>A ticket that is valid from now on.</summary>
    /// <param name="subject">Who it is given to.</param>
    /// <param name="tenant">The tenant that the bearer acts for.</param>
    /// <param name="role">What the bearer may do.</param>
    /// <param name="lifetime">For how long; at least a second.</param>
    /// <param name="scope">What it is confined to, such as a session's id.</param>
    /// <exception cref="ArgumentException">A text is empty or longer than <see cref="Ticket.MaxFieldLength"/>.</exception>
    public string Issue(string subject, string tenant, TicketRole role, TimeSpan lifetime, string? scope = null)
    {
        var now = _time.GetUtcNow();
        return Sign(new Ticket
        {
            Subject = subject,
            Tenant = tenant,
            Role = role,
            Scope = scope,
            NotBefore = now,
            ExpiresAt = now + lifetime,
            Id = RandomNumberGenerator.GetHexString(16, lowercase: true),
        });
    }

    /// <summary>The text of a ticket. Times are cut to whole seconds.</summary>
    /// <exception cref="ArgumentException">A text is empty or too long, or it is valid for less than a second.</exception>
    public string Sign(Ticket ticket)
    {
        if (!ticket.IsWellFormed)
        {
            throw new ArgumentException(
                $"A ticket needs a subject, a tenant and an id of 1 to {Ticket.MaxFieldLength} characters, a known " +
                "role, and must be valid for a second or more.",
                nameof(ticket));
        }

        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(ticket, TicketJsonContext.Default.Ticket);
        string signed = Version + Base64Url.EncodeToString(payload);
        return $"{signed}.{SignatureOf(signed)}";
    }

    /// <summary>
    /// Accepts a ticket or says why not. The signature is compared in constant time and before anything of the
    /// payload is looked at.
    /// </summary>
    public TicketVerdict Verify(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength || text.IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            return Refuse(TicketFailure.Malformed, "This is not a ticket: those look like gat1.….….");
        }

        if (!text.StartsWith(Version))
        {
            return text.StartsWith("gat")
                ? Refuse(TicketFailure.UnknownVersion, "The ticket is of a version that is not known here.")
                : Refuse(TicketFailure.Malformed, "This is not a ticket: those look like gat1.….….");
        }

        int dot = text.LastIndexOf('.');
        if (dot < Version.Length)
        {
            return Refuse(TicketFailure.Malformed, "The ticket is incomplete: it has no signature.");
        }

        string signed = text[..dot].ToString();
        var given = Encoding.ASCII.GetBytes(text[(dot + 1)..].ToString());
        var right = Encoding.ASCII.GetBytes(SignatureOf(signed));

        // Texts are compared, not the bytes that they encode: base64 has several texts for the same bytes.
        if (!CryptographicOperations.FixedTimeEquals(given, right))
        {
            return Refuse(
                TicketFailure.WrongSignature, "The ticket was changed, or is from a cluster with another secret.");
        }

        return Read(signed.AsSpan(Version.Length)) is { } ticket
            ? CheckTimes(ticket)
            : Refuse(TicketFailure.Malformed, "The ticket is signed, but its content is not what a ticket says.");
    }

    /// <summary>
    /// Accepts the ticket of a gateway's client that proves to have all of it, or says why not. The proof is checked
    /// before anything of the ticket is looked at. For what session the ticket is remains to be checked.
    /// </summary>
    /// <param name="connect">What the client says.</param>
    /// <param name="serverNonce">The challenge that it was given.</param>
    /// <param name="key">The ticket's key, to answer with; null if it is not accepted.</param>
    public TicketVerdict VerifyProof(in Connect connect, ReadOnlySpan<byte> serverNonce, out SessionKey? key)
    {
        key = null;
        var unsigned = connect.Ticket;
        if (!unsigned.StartsWith(Version, StringComparison.Ordinal) || unsigned.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            return Refuse(TicketFailure.Malformed, "This is not a ticket without its signature: those look like gat1.….");
        }

        var candidate = SessionKey.Of(unsigned, HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(unsigned)));
        if (!candidate.IsProvedBy(connect, serverNonce))
        {
            return Refuse(
                TicketFailure.WrongSignature,
                "The client does not prove that it has this ticket, or the ticket is from a cluster with another secret.");
        }

        var verdict = Read(unsigned.AsSpan(Version.Length)) is { } ticket
            ? CheckTimes(ticket)
            : Refuse(TicketFailure.Malformed, "The ticket is signed, but its content is not what a ticket says.");
        key = verdict.Ticket is null ? null : candidate;
        return verdict;
    }

    private TicketVerdict CheckTimes(Ticket ticket)
    {
        var now = _time.GetUtcNow();
        if (now >= ticket.ExpiresAt)
        {
            return Refuse(TicketFailure.Expired, "The ticket has expired; get a new one.");
        }

        return now < ticket.NotBefore - ClockTolerance
            ? Refuse(TicketFailure.NotYetValid, "The ticket is not valid yet; check this machine's clock.")
            : new TicketVerdict(ticket, TicketFailure.None, "");
    }

    private string SignatureOf(string signed) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)));

    private static Ticket? Read(ReadOnlySpan<char> payload)
    {
        try
        {
            byte[] json = Base64Url.DecodeFromChars(payload);
            var ticket = JsonSerializer.Deserialize(json, TicketJsonContext.Default.Ticket);
            return ticket is { IsWellFormed: true } ? ticket : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static TicketVerdict Refuse(TicketFailure failure, string reason) => new(null, failure, reason);
}
