using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Remoting;

public class TlsNetworkTests : NetworkTests
{
    static readonly X509Certificate2 Shared = Certificates.SelfSigned("node");

    protected override INetwork NewNetwork() => new TlsNetwork(new TcpNetwork(), Certificates.Trusting(Shared, Shared));

    [Fact]
    public async Task Certificates_of_one_pinned_authority_trust_each_other()
    {
        using var authority = Certificates.Authority("cluster");
        using var a = Certificates.SignedBy(authority, "a");
        using var b = Certificates.SignedBy(authority, "b");
        (await MeetAsync(Certificates.Trusting(a, authority), Certificates.Trusting(b, authority))).ShouldBeNull();
    }

    [Fact]
    public async Task A_node_with_a_strangers_certificate_is_refused()
    {
        using var stranger = Certificates.SelfSigned("node");
        (await MeetAsync(Certificates.Trusting(Shared, Shared), Certificates.Trusting(stranger, Shared)))
            .ShouldBeAssignableTo<IOException>();
    }

    [Fact]
    public async Task A_strangers_server_is_refused()
    {
        using var stranger = Certificates.SelfSigned("node");
        (await MeetAsync(Certificates.Trusting(stranger, Shared), Certificates.Trusting(Shared, Shared)))
            .ShouldBeAssignableTo<IOException>();
    }

    [Fact]
    public void A_certificate_without_its_key_and_an_empty_trust_are_refused_at_once()
    {
        using var keyless = X509CertificateLoader.LoadCertificate(Shared.RawData);
        Should.Throw<ArgumentException>(
            () => new TlsNetwork(new TcpNetwork(), Certificates.Trusting(keyless, Shared)))
            .Message.ShouldContain("private key");
        Should.Throw<ArgumentException>(
            () => new TlsNetwork(
                new TcpNetwork(), new TlsSettings { Certificate = Shared, TrustedCertificates = [] }));
    }

    /// <summary>Null when both ends trust each other, otherwise what the one that noticed says.</summary>
    static async Task<Exception?> MeetAsync(TlsSettings server, TlsSettings client)
    {
        await using var listener = await new TlsNetwork(new TcpNetwork(), server).ListenAsync("127.0.0.1", 0, default);
        var dialling = DialAsync(client, listener.Port);
        var accepted = await listener.AcceptAsync(default);
        var serverSide = await Record.ExceptionAsync(async () =>
        {
            await ExpectByteAsync(accepted!, 42);
            await accepted!.Output.WriteAsync(new byte[] { 43 });
            // Closing before the other side has read would reset the connection: a failure that is nobody's distrust.
            await dialling.WaitAsync(TimeSpan.FromSeconds(30));
        });
        await accepted!.DisposeAsync();
        return serverSide ?? await dialling.WaitAsync(TimeSpan.FromSeconds(30));
    }

    static async Task<Exception?> DialAsync(TlsSettings settings, int port) => await Record.ExceptionAsync(async () =>
    {
        await using var connection =
            await new TlsNetwork(new TcpNetwork(), settings).ConnectAsync("127.0.0.1", port, default);
        await connection.Output.WriteAsync(new byte[] { 42 });
        await ExpectByteAsync(connection, 43);
    });

    static async Task ExpectByteAsync(INetworkConnection connection, byte expected)
    {
        var result = await connection.Input.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        if (result.Buffer.IsEmpty)
        {
            throw new IOException("The other side has closed the connection.");
        }

        result.Buffer.FirstSpan[0].ShouldBe(expected);
    }
}

/// <summary>Throw-away certificates.</summary>
static class Certificates
{
    public static TlsSettings Trusting(X509Certificate2 own, X509Certificate2 trusted) =>
        new() { Certificate = own, TrustedCertificates = [trusted] };

    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(name, key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public static X509Certificate2 SignedBy(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Request(name, key).Create(
            authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    static CertificateRequest Request(string name, ECDsa key) => new($"CN={name}", key, HashAlgorithmName.SHA256);
}
