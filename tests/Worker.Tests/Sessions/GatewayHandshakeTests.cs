using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>Who is not let in, and what that costs.</summary>
public sealed class GatewayHandshakeTests
{
    public static TheoryData<string> WrongTickets =>
    [
        "expired", "another session's", "an older epoch's", "another tenant's", "of another role", "another cluster's",
        "changed signature", "no ticket",
    ];

    [Theory]
    [MemberData(nameof(WrongTickets))]
    public async Task A_wrong_ticket_is_refused_with_the_reason(string what)
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();

        var refused = await Should.ThrowAsync<GatewayRefusedException>(() => fixture.ConnectAsync(ticket: Make(fixture, what)));

        refused.Code.ShouldBe(OpenClErrors.SessionRefused);
        refused.Message.ShouldNotBeEmpty();
        NothingIsLeft(fixture);
    }

    [Fact]
    public async Task A_proof_for_another_challenge_is_refused()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        var key = SessionKey.Of(fixture.Ticket());
        var recorded = key.Prove(
            new Connect(1, ConnectionKind.Main, Guid.NewGuid(), GatewayHandshake.NewNonce(), key.Ticket, default),
            GatewayHandshake.NewNonce());

        var goodbye = await SayAsync(fixture, stream => GatewayHandshake.WriteAsync(stream, recorded, CancellationToken.None));

        goodbye.Code.ShouldBe(OpenClErrors.SessionRefused);
        NothingIsLeft(fixture);
    }

    [Theory]
    [InlineData("random")]
    [InlineData("a frame of 9 KiB")]
    [InlineData("a command")]
    [InlineData("http")]
    public async Task Bytes_that_are_no_handshake_are_refused(string what)
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();

        var goodbye = await SayAsync(fixture, stream => stream.WriteAsync(Bytes(what)).AsTask());

        goodbye.Code.ShouldBe(OpenClErrors.Protocol);
        NothingIsLeft(fixture);
    }

    [Fact]
    public async Task Bulk_connections_are_refused()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();

        var refused = await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(kind: ConnectionKind.Bulk));

        refused.Message.ShouldContain("Bulk");
    }

    [Fact]
    public async Task Who_says_nothing_is_sent_away_and_keeps_nobody_out_for_longer()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        var silent = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fixture.DialAsync()));

        await using var client = await fixture.OpenAsync();

        (await client.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        await Deadlines.Until(() => fixture.Gateway.ReadUse().Refused >= 16, "the silent ones are sent away");
        foreach (var stream in silent)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_leaves_before_the_end_of_the_handshake_leaves_nothing()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        for (var i = 0; i < 40; i++)
        {
            await using var stream = await fixture.DialAsync(local: i % 2 == 0);
            await stream.WriteAsync(new byte[i % 16]);
        }

        await Deadlines.Until(() => fixture.Gateway.ReadUse().Refused == 40, "all are noticed");
        NothingIsLeft(fixture);
    }

    [Fact]
    public async Task A_ticket_is_worth_nothing_once_the_session_has_ended()
    {
        await using var fixture = GatewayFixture.Create();
        await using (await fixture.StartAsync())
        {
            await using var client = await fixture.OpenAsync();
        }

        await Should.ThrowAsync<GatewayRefusedException>(() => fixture.ConnectAsync());
    }

    private static string Make(GatewayFixture fixture, string what)
    {
        var other = new TicketAuthority(ClusterSecret.FromText("another horse battery staple 2"), TimeProvider.System);
        var ticket = fixture.Ticket();
        return what switch
        {
            "expired" => fixture.Tickets.Sign(new Ticket
            {
                Subject = "tests", Tenant = GatewayFixture.Tenant, Role = TicketRole.Session, Id = "1",
                Scope = $"{GatewayFixture.Session}@{GatewayFixture.Epoch}",
                NotBefore = DateTimeOffset.UtcNow.AddHours(-2), ExpiresAt = DateTimeOffset.UtcNow.AddHours(-1),
            }),
            "another session's" => fixture.Ticket(session: "acme/other"),
            "an older epoch's" => fixture.Ticket(epoch: GatewayFixture.Epoch - 1),
            "another tenant's" => fixture.Ticket(tenant: "globex"),
            "of another role" => fixture.Ticket(role: TicketRole.Operator),
            "another cluster's" => other.Issue(
                "tests", GatewayFixture.Tenant, TicketRole.Session, TimeSpan.FromMinutes(5),
                $"{GatewayFixture.Session}@{GatewayFixture.Epoch}"),
            "changed signature" => ticket[..^2] + (ticket[^2] == 'A' ? "BA" : "AA"),
            _ => "gat1.e30.AAAA",
        };
    }

    private static byte[] Bytes(string what)
    {
        var random = new byte[100];
        new Random(9).NextBytes(random);
        return what switch
        {
            "random" => random,
            "a frame of 9 KiB" => Header(9 << 10, Opcode.Connect),
            "a command" => Header(0, Opcode.Fence),
            _ => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(),
        };
    }

    private static byte[] Header(int payload, Opcode opcode)
    {
        var header = new byte[FrameHeader.SizeBytes];
        new FrameHeader(payload, opcode, 0, 0).Write(header);
        return header;
    }

    /// <summary>Says something after the challenge, and hears the farewell.</summary>
    private static async Task<Goodbye> SayAsync(GatewayFixture fixture, Func<Stream, Task> say)
    {
        await using var stream = await fixture.DialAsync();
        (await GatewayHandshake.ReadAsync(stream, CancellationToken.None).WithDeadline("the challenge"))
            .Opcode.ShouldBe(Opcode.Challenge);
        await say(stream);
        return CommandReader.Read<Goodbye>(
            await GatewayHandshake.ReadAsync(stream, CancellationToken.None).WithDeadline("the farewell"));
    }

    private static void NothingIsLeft(GatewayFixture fixture)
    {
        var use = fixture.Gateway.ReadUse();
        use.Accepted.ShouldBe(0);
        use.Refused.ShouldBeGreaterThan(0);
        use.Sessions.Single().Streams.ShouldBe(0);
        fixture.Pool.ProcessIds.ShouldBeEmpty(); // none was ever wanted
    }
}
