using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// The certificate of one attempt, made for it and gone with it. Its clients know it by its fingerprint, from the
/// scheduler; nothing else about it is of interest.
/// </summary>
internal sealed class SessionCertificate : IDisposable
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    private SessionCertificate(X509Certificate2 certificate, byte[] key, TrustedAuthorities? clients)
    {
        Certificate = certificate;
        Clients = clients;
        Take = new TakeClient(certificate.RawData, key, clients?.Pem.ToArray() ?? default(Bytes));
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Who has signed what clients have to show; null: they need not show anything.</summary>
    public TrustedAuthorities? Clients { get; }

    /// <summary>For the attempt's executors.</summary>
    public TakeClient Take { get; }

    /// <summary>SHA-256, in hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>A new one.</summary>
    /// <param name="now">Time.</param>
    /// <param name="clients">Who has signed what clients have to show; null: they need not show anything.</param>
    public static SessionCertificate Create(DateTimeOffset now, TrustedAuthorities? clients = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpuactors", key, HashAlgorithmName.SHA256);
        return new SessionCertificate(
            request.CreateSelfSigned(now - ClockTolerance, now + Lifetime), key.ExportPkcs8PrivateKey(), clients);
    }

    public void Dispose() => Certificate.Dispose();
}
