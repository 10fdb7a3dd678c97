using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>An authority with certificates that it has signed, in PEM files.</summary>
internal sealed class IssuedCertificates : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly string _folder = Directory.CreateTempSubdirectory("gac-").FullName;
    private readonly X509Certificate2 _authority;

    public IssuedCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
        File.WriteAllText(Authorities, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's PEM file.</summary>
    public string Authorities => Path.Combine(_folder, "ca.pem");

    /// <summary>A certificate for clients and its key, in one PEM file.</summary>
    /// <param name="days">For how long it is valid from now; below 0: not any more.</param>
    /// <param name="forServers">It is for servers instead.</param>
    public string Issue(int days = 5, bool forServers = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(forServers ? ServerAuthentication : ClientAuthentication)], false));
        using var certificate = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-8), DateTimeOffset.UtcNow.AddDays(days), [1, 2, 3]);
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
