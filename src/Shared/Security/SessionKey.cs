using System.Buffers.Text;
using System.Security.Cryptography;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Security;

/// <summary>
/// A session's ticket as a secret that client and worker share: the signature is the key of the proofs by which each
/// shows the other that it has it. Nothing of it can be learnt from what they say. It does not print itself.
/// </summary>
public sealed class SessionKey
{
    private readonly byte[] _signature;

    private SessionKey(string ticket, byte[] signature)
    {
        Ticket = ticket;
        _signature = signature;
    }

    /// <summary>The ticket without its signature, which may be shown.</summary>
    public string Ticket { get; }

    /// <summary>The key of a whole ticket.</summary>
    /// <exception cref="FormatException">It is none; the message shows nothing of it.</exception>
    public static SessionKey Of(string ticket)
    {
        int dot = ticket.LastIndexOf('.');
        if (dot <= 0 || !ticket.StartsWith("gat", StringComparison.Ordinal) || ticket.Length > TicketAuthority.MaxLength)
        {
            throw new FormatException("This is not a ticket: those look like gat1.….….");
        }

        byte[] signature;
        try
        {
            signature = Base64Url.DecodeFromChars(ticket.AsSpan(dot + 1));
        }
        catch (FormatException)
        {
            throw new FormatException("The ticket's signature is not base64url.");
        }

        return new SessionKey(ticket[..dot], signature);
    }

    /// <summary>The key of a ticket whose signature is known.</summary>
    internal static SessionKey Of(string unsigned, byte[] signature) => new(unsigned, signature);

    /// <summary>The frame with its proof.</summary>
    /// <param name="connect">The frame without it.</param>
    /// <param name="serverNonce">The challenge.</param>
    public Connect Prove(in Connect connect, ReadOnlySpan<byte> serverNonce) =>
        connect with { Mac = Mac("gpuactors connect 1"u8, serverNonce, connect.Proved()) };

    /// <summary>Whether the frame's proof is right; compared in constant time.</summary>
    public bool IsProvedBy(in Connect connect, ReadOnlySpan<byte> serverNonce) => CryptographicOperations.FixedTimeEquals(
        Mac("gpuactors connect 1"u8, serverNonce, connect.Proved()), connect.Mac.Span);

    /// <summary>The worker's answer to a right proof.</summary>
    public Accepted Accept(ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce) =>
        new(Mac("gpuactors accept 1"u8, clientNonce, serverNonce));

    /// <summary>Whether the worker's answer is right; compared in constant time.</summary>
    public bool IsAcceptedBy(in Accepted accepted, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce) =>
        CryptographicOperations.FixedTimeEquals(
            Mac("gpuactors accept 1"u8, clientNonce, serverNonce), accepted.Mac.Span);

    /// <summary>Does not show the key.</summary>
    public override string ToString() => "SessionKey(hidden)";

    private byte[] Mac(ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _signature);
        hash.AppendData(label);
        hash.AppendData(first);
        hash.AppendData(second);
        return hash.GetHashAndReset();
    }
}
