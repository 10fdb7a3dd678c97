using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;

namespace GpuActors.Shared.Tests.Commands;

public class GatewayHandshakeTests
{
    private static readonly TicketAuthority Authority =
        new(ClusterSecret.FromText("correct horse battery staple"), TimeProvider.System);

    private static readonly CancellationToken Deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    private readonly string _ticket =
        Authority.Issue("ci", "acme", TicketRole.Session, TimeSpan.FromHours(1), "acme/s@7");

    [Fact]
    public async Task Each_side_proves_to_the_other_that_it_has_the_ticket()
    {
        var (client, worker) = Connected();
        var stream = Guid.NewGuid();
        var serving = ServeAsync(worker);
        var connected = await GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Hold, stream, null, Deadline);

        var (connect, ticket) = await serving;
        connected.ShouldBeSameAs(client);
        ticket.ShouldNotBeNull().Scope.ShouldBe("acme/s@7");
        (connect.Kind, connect.Stream).ShouldBe((ConnectionKind.Hold, stream));
        _ticket.ShouldStartWith(connect.Ticket + ".");
    }

    [Fact]
    public async Task What_follows_the_handshake_is_left_to_others()
    {
        var (client, worker) = Connected();
        var serving = ServeAsync(worker, afterwards: [1, 2, 3]);
        var stream = await GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), null, Deadline);
        await serving;

        var read = new byte[3];
        await stream.ReadExactlyAsync(read, Deadline);
        read.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task After_the_handshake_comes_TLS_with_the_certificate_of_the_grant()
    {
        using var certificate = Certificate();
        var (client, worker) = Connected();
        var serving = ServeTlsAsync(worker, certificate);
        await using var stream = await GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), GatewayTls.Of(Fingerprint(certificate)), Deadline);

        await stream.WriteAsync(new byte[] { 9 }, Deadline);
        (await serving).ShouldBe(9);
    }

    [Fact]
    public async Task Another_certificate_than_that_of_the_grant_is_refused()
    {
        using var certificate = Certificate();
        using var other = Certificate();
        var (client, worker) = Connected();
        var serving = ServeTlsAsync(worker, certificate);

        (await Should.ThrowAsync<ProtocolException>(() => GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), GatewayTls.Of(Fingerprint(other)), Deadline)))
            .Message.ShouldContain("not the one of the grant");
        await client.DisposeAsync();
        await Should.ThrowAsync<Exception>(() => serving);
    }

    [Fact]
    public async Task A_gateway_that_drops_the_TLS_of_the_grant_is_not_told_the_ticket()
    {
        var (client, worker) = Connected();
        await GatewayHandshake.WriteAsync(worker, NewChallenge(tls: false), Deadline);

        (await Should.ThrowAsync<ProtocolException>(() => GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), GatewayTls.Of("00"), Deadline)))
            .Message.ShouldContain("offers no TLS");
    }

    [Fact]
    public async Task A_gateway_that_does_not_know_the_signature_is_left()
    {
        var (client, worker) = Connected();
        var connecting = GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), null, Deadline);
        await GatewayHandshake.WriteAsync(worker, NewChallenge(tls: false), Deadline);
        await GatewayHandshake.ReadAsync(worker, Deadline);
        await GatewayHandshake.WriteAsync(worker, new Accepted(new byte[Connect.MacBytes]), Deadline);

        (await Should.ThrowAsync<ProtocolException>(() => connecting)).Message.ShouldContain("does not know");
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        var (client, worker) = Connected();
        await GatewayHandshake.WriteAsync(worker, new Goodbye(OpenClErrors.SessionRefused, "It is over."), Deadline);

        var refused = await Should.ThrowAsync<GatewayRefusedException>(() => GatewayHandshake.ConnectAsync(
            client, SessionKey.Of(_ticket), ConnectionKind.Main, Guid.NewGuid(), null, Deadline));
        (refused.Code, refused.Message).ShouldBe((OpenClErrors.SessionRefused, "It is over."));
    }

    [Fact]
    public async Task A_frame_that_is_too_long_for_a_handshake_is_refused_before_it_is_read()
    {
        var (client, worker) = Connected();
        await worker.WriteAsync(CodecProperties.Encode(0, new Goodbye(0, new string('x', GatewayHandshake.MaxPayloadBytes))), Deadline);

        (await Should.ThrowAsync<ProtocolException>(() => GatewayHandshake.ReadAsync(client, Deadline)))
            .Message.ShouldContain("at most 8192");
    }

    [Fact]
    public void A_proof_is_for_one_challenge_and_one_content_only()
    {
        var key = SessionKey.Of(_ticket);
        byte[] nonce = GatewayHandshake.NewNonce();
        var right = key.Prove(
            new Connect(1, ConnectionKind.Main, Guid.NewGuid(), GatewayHandshake.NewNonce(), key.Ticket, default), nonce);

        Failure(right, nonce).ShouldBe(TicketFailure.None);
        Failure(right, GatewayHandshake.NewNonce()).ShouldBe(TicketFailure.WrongSignature);
        Failure(right with { Kind = ConnectionKind.Hold }, nonce).ShouldBe(TicketFailure.WrongSignature);
        Failure(right with { Stream = Guid.NewGuid() }, nonce).ShouldBe(TicketFailure.WrongSignature);
        Failure(right with { Mac = new byte[Connect.MacBytes] }, nonce).ShouldBe(TicketFailure.WrongSignature);
        var other = SessionKey.Of(Authority.Issue("ci", "evil", TicketRole.Session, TimeSpan.FromHours(1), "acme/s@7"));
        Failure(right with { Ticket = other.Ticket }, nonce).ShouldBe(TicketFailure.WrongSignature);
        Failure(right with { Ticket = "no ticket" }, nonce).ShouldBe(TicketFailure.Malformed);
    }

    [Fact]
    public void A_ticket_that_has_expired_is_refused_although_it_is_proved()
    {
        var past = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple"), new Past());
        var key = SessionKey.Of(past.Issue("ci", "acme", TicketRole.Session, TimeSpan.FromHours(1), "acme/s@7"));
        byte[] nonce = GatewayHandshake.NewNonce();

        Failure(key.Prove(
            new Connect(1, ConnectionKind.Main, Guid.NewGuid(), GatewayHandshake.NewNonce(), key.Ticket, default), nonce), nonce)
            .ShouldBe(TicketFailure.Expired);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gat1")]
    [InlineData("secret.x")]
    [InlineData("gat1.x.!")]
    public void What_is_no_ticket_is_refused_without_being_shown(string text) =>
        Should.Throw<FormatException>(() => SessionKey.Of(text)).Message.ShouldNotContain("secret");

    private static TicketFailure Failure(in Connect connect, byte[] nonce)
    {
        var verdict = Authority.VerifyProof(connect, nonce, out var key);
        (key is null).ShouldBe(verdict.Ticket is null);
        return verdict.Failure;
    }

    private static Challenge NewChallenge(bool tls) =>
        new(ProtocolVersion.Oldest, ProtocolVersion.Newest, tls, GatewayHandshake.NewNonce());

    private static async Task<(Connect Connect, Ticket? Ticket)> ServeAsync(
        Stream stream, bool tls = false, byte[]? afterwards = null)
    {
        var challenge = NewChallenge(tls);
        await GatewayHandshake.WriteAsync(stream, challenge, Deadline);
        var connect = CommandReader.Read<Connect>(await GatewayHandshake.ReadAsync(stream, Deadline));
        var verdict = Authority.VerifyProof(connect, challenge.Nonce.Span, out var key);
        var accepted = key.ShouldNotBeNull().Accept(connect.Nonce.Span, challenge.Nonce.Span);
        await stream.WriteAsync((byte[])[.. CodecProperties.Encode(0, accepted), .. afterwards ?? []], Deadline);
        await stream.FlushAsync(Deadline);
        return (connect, verdict.Ticket);
    }

    private static async Task<int> ServeTlsAsync(Stream stream, X509Certificate2 certificate)
    {
        await ServeAsync(stream, tls: true);
        await using var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 },
            Deadline);
        var read = new byte[1];
        await secured.ReadExactlyAsync(read, Deadline);
        return read[0];
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static string Fingerprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    private static (Stream Client, Stream Worker) Connected()
    {
        var (up, down) = (new Pipe(), new Pipe());
        return (
            new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream()),
            new DuplexStream(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    private sealed class Past : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddDays(-2);
    }
}
