using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuActors.Shared.Security;

/// <summary>
/// The certificate that a client shows to gateways that want one (<c>worker.sessions.client-ca</c>), beside the ticket
/// that it proves to all.
/// </summary>
public static class ClientCertificate
{
    /// <summary>The variable that names the certificate's PEM file, for the shell and for programs.</summary>
    public const string CertificateVariable = "GPUACTORS_CERTIFICATE";

    /// <summary>The variable that names the PEM file of the certificate's private key.</summary>
    public const string KeyVariable = "GPUACTORS_KEY";

    /// <summary>The certificate that the environment names; null: it names none.</summary>
    /// <exception cref="IOException">It cannot be used; says which file, and why.</exception>
    public static X509Certificate2? OfEnvironment() => Load(
        Environment.GetEnvironmentVariable(CertificateVariable), Environment.GetEnvironmentVariable(KeyVariable));

    /// <summary>Reads a certificate and its key.</summary>
    /// <param name="certificate">PEM file; null or empty: there is none.</param>
    /// <param name="key">PEM file of its private key; null or empty: the key is in the same file.</param>
    /// <exception cref="IOException">It cannot be used; says which file, and why.</exception>
    public static X509Certificate2? Load(string? certificate, string? key)
    {
        if (string.IsNullOrEmpty(certificate))
            return null;
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, string.IsNullOrEmpty(key) ? null : key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The client's certificate '{certificate}' cannot be used ({CertificateVariable}, {KeyVariable}): {e.Message}", e);
        }
    }
}
