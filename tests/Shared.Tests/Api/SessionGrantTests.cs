using System.Text;
using System.Text.Json;
using GpuActors.Shared.Api;

namespace GpuActors.Shared.Tests.Api;

public class SessionGrantTests
{
    private static readonly DateTimeOffset Soon = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_grant_is_the_same_after_writing_and_reading()
    {
        var grant = Grant("acme/s", "gat1.a.b", Soon);
        var again = SessionGrant.Parse(grant.ToJson());

        (again.Session, again.Epoch, again.Ticket, again.ExpiresAt).ShouldBe(("acme/s", 7, "gat1.a.b", Soon));
        again.Devices.ShouldBe(grant.Devices);
        Encoding.UTF8.GetString(grant.ToJson()).ShouldContain("\"address\":\"127.0.0.1:1\"");
    }

    [Fact]
    public void One_grant_merged_is_itself() => SessionGrant.Merge([Grant("a/1", "t", Soon)]).Devices[0].Ticket.ShouldBeNull();

    [Fact]
    public void Devices_of_several_sessions_keep_their_session_and_ticket()
    {
        var merged = SessionGrant.Merge([Grant("a/1", "t1", Soon.AddHours(1)), Grant("a/2", "t2", Soon)]);

        merged.Session.ShouldBe("a/1");
        merged.ExpiresAt.ShouldBe(Soon);
        merged.Devices.Select(device => (device.Session, device.Epoch, device.Ticket))
            .ShouldBe([("a/1", 7, "t1"), ("a/2", 7, "t2")]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{ "session": "a/b", "epoch": 1, "ticket": "t", "devices": [] }""")]
    [InlineData("""{ "session": null, "epoch": 1, "ticket": "t", "devices": [{ "slice": "h/0/s0", "address": "h:1" }] }""")]
    public void What_is_no_grant_is_refused(string json) =>
        Should.Throw<JsonException>(() => SessionGrant.Parse(Encoding.UTF8.GetBytes(json)));

    private static SessionGrant Grant(string session, string ticket, DateTimeOffset expires) => new()
    {
        Session = session,
        Epoch = 7,
        Ticket = ticket,
        ExpiresAt = expires,
        Devices = [new GrantedDevice { Slice = "h/0/s0", Address = "127.0.0.1:1", Machine = "m" }],
    };
}
