using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuActors.Shared.Commands;

/// <summary>What a client of a gateway needs for TLS.</summary>
/// <param name="Fingerprint">SHA-256 of the certificate that the gateway must show, in hexadecimal; the grant has it.</param>
/// <param name="Own">What the client shows to gateways that want a certificate; null: it has none.</param>
public sealed record GatewayTls(string Fingerprint, X509Certificate2? Own = null)
{
    /// <summary>For a device of a grant.</summary>
    /// <param name="fingerprint">The device's; null: its gateway offers no TLS.</param>
    /// <param name="own">What the client shows to gateways that want a certificate; null: it has none.</param>
    public static GatewayTls? Of(string? fingerprint, X509Certificate2? own = null) =>
        fingerprint is null ? null : new GatewayTls(fingerprint, own);

    internal bool IsOf(X509Certificate? certificate) => certificate is not null &&
        certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(Fingerprint, StringComparison.OrdinalIgnoreCase);
}
