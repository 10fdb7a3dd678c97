using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// The certificate of one attempt, made for it and gone with it. Its clients know it by its fingerprint, from the
/// scheduler; nothing else about it is of interest.
/// </summary>
internal sealed class SessionCertificate : IDisposable
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    private SessionCertificate(X509Certificate2 certificate, byte[] key)
    {
        Certificate = certificate;
        Take = new TakeClient(certificate.RawData, key);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>For the attempt's executors.</summary>
    public TakeClient Take { get; }

    /// <summary>SHA-256, in hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>A new one.</summary>
    public static SessionCertificate Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpuactors", key, HashAlgorithmName.SHA256);
        return new SessionCertificate(
            request.CreateSelfSigned(now - ClockTolerance, now + Lifetime), key.ExportPkcs8PrivateKey());
    }

    public void Dispose() => Certificate.Dispose();
}
