using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GpuActors.Shared.Security;

/// <summary>
/// Whose certificates are believed: those that one of these authorities has signed, directly or over others that the peer
/// shows, that are valid now and may be used by clients. The machine's own trust store is never asked.
/// </summary>
public sealed class TrustedAuthorities
{
    /// <summary>Bytes of all of them in PEM.</summary>
    public const int MaxBytes = 64 << 10;

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2"; // RFC 5280, 4.2.1.12

    private readonly X509Certificate2Collection _authorities;

    private TrustedAuthorities(X509Certificate2Collection authorities, byte[] pem)
    {
        _authorities = authorities;
        Pem = pem;
    }

    /// <summary>The authorities in PEM.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>Reads a PEM file.</summary>
    /// <exception cref="IOException">It cannot be read, or has no certificate; says so.</exception>
    public static TrustedAuthorities Load(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException or IOException)
        {
            throw new IOException($"The authorities in '{path}' cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Reads PEM.</summary>
    /// <exception cref="CryptographicException">It has no certificate, is broken, or longer than <see cref="MaxBytes"/>.</exception>
    public static TrustedAuthorities Parse(ReadOnlySpan<byte> pem)
    {
        if (pem.Length > MaxBytes)
            throw new CryptographicException($"{pem.Length} bytes of certificates; at most {MaxBytes} are allowed.");
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Encoding.UTF8.GetString(pem));
        return authorities.Count > 0
            ? new TrustedAuthorities(authorities, pem.ToArray())
            : throw new CryptographicException("There is no certificate in PEM.");
    }

    /// <summary>Whether a peer's certificate is believed.</summary>
    /// <param name="certificate">What it showed; null: nothing.</param>
    /// <param name="shown">The chain of what it showed beside; null: nothing.</param>
    public bool Accepts(X509Certificate? certificate, X509Chain? shown)
    {
        if (certificate is not X509Certificate2 peer)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        if (shown is not null)
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(peer);
    }
}
