using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>Gateways that let in only clients with a certificate of the cluster's authorities.</summary>
[Collection(Executors.ExecutorCollection.Name)]
public sealed class ClientCertificateTests : IDisposable
{
    private readonly IssuedCertificates _issued = new();

    [Theory]
    [InlineData(ConnectionKind.Main)]
    [InlineData(ConnectionKind.Hold)]
    public async Task A_client_with_a_certificate_of_the_authorities_is_served(ConnectionKind kind)
    {
        await using var fixture = GatewayFixture.Create(tls: true, authorities: _issued.Authorities);
        await using var session = await fixture.StartAsync();
        using var certificate = ClientCertificate.Load(_issued.Issue(), null);
        var fingerprint = session.Endpoint.Fingerprint.ShouldNotBeNull();

        if (kind == ConnectionKind.Main)
        {
            await using var client = await fixture.OpenAsync(fingerprint: fingerprint, certificate: certificate);
            (await client.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
            return;
        }

        await using var held = await fixture.ConnectAsync(kind: kind, fingerprint: fingerprint, certificate: certificate);
        await GatewayHandshake.WriteAsync(held, new Goodbye(0, "done"), CancellationToken.None);
        (await session.Outcome.WithDeadline("the end of a session that was given back")).Error.ShouldBeNull();
    }

    [Theory]
    [InlineData("another authority's", ConnectionKind.Main)]
    [InlineData("another authority's", ConnectionKind.Hold)]
    [InlineData("expired", ConnectionKind.Main)]
    [InlineData("for servers", ConnectionKind.Main)]
    public async Task Any_other_certificate_is_refused_though_the_ticket_is_right(string which, ConnectionKind kind)
    {
        using var others = new IssuedCertificates();
        var path = which switch
        {
            "expired" => _issued.Issue(days: -1),
            "for servers" => _issued.Issue(forServers: true),
            _ => others.Issue(),
        };
        using var certificate = ClientCertificate.Load(path, null);
        await using var fixture = GatewayFixture.Create(tls: true, authorities: _issued.Authorities);
        await using var session = await fixture.StartAsync();

        // TLS 1.3: the client's side is done before the gateway has looked at the certificate.
        await Should.ThrowAsync<IOException>(async () =>
        {
            await using var stream = await fixture.ConnectAsync(
                kind: kind, fingerprint: session.Endpoint.Fingerprint, certificate: certificate);
            await GatewayHandshake.ReadAsync(stream, CancellationToken.None).WithDeadline("the connection's end");
        });

        session.Outcome.IsCompleted.ShouldBeFalse();
        await fixture.AllFreeAsync();
    }

    [Fact]
    public async Task A_client_without_one_is_told_what_it_lacks_and_local_programs_need_none()
    {
        await using var fixture = GatewayFixture.Create(tls: true, authorities: _issued.Authorities);
        await using var session = await fixture.StartAsync();

        (await Should.ThrowAsync<ProtocolException>(() => fixture.ConnectAsync(fingerprint: session.Endpoint.Fingerprint)))
            .Message.ShouldContain(ClientCertificate.CertificateVariable);
        await using var local = await fixture.OpenAsync(local: true);
        (await local.SquareAsync(2)).ShouldBe([0u, 1u]);
    }

    [Fact]
    public void Authorities_that_cannot_be_read_are_named()
    {
        var empty = Path.GetTempFileName();
        try
        {
            Should.Throw<IOException>(() => TrustedAuthorities.Load(empty)).Message.ShouldContain(empty);
            Should.Throw<IOException>(() => TrustedAuthorities.Load(empty + ".none")).Message.ShouldContain(empty);
        }
        finally
        {
            File.Delete(empty);
        }
    }

    public void Dispose() => _issued.Dispose();
}
