using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Shared.Security;

namespace GpuActors.Shared.Tests.Security;

public class TicketTests
{
    private static readonly ClusterSecret Secret = ClusterSecret.FromText("correct horse battery staple");
    private readonly FixedTime _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TicketAuthority _authority;

    public TicketTests() => _authority = new TicketAuthority(Secret, _time);

    [Fact]
    public void A_ticket_says_what_it_was_issued_for()
    {
        string text = _authority.Issue("ci", "acme", TicketRole.Session, TimeSpan.FromHours(1), "acme/job-1");

        var ticket = _authority.Verify(text).Ticket.ShouldNotBeNull();
        text.ShouldStartWith("gat1.");
        (ticket.Subject, ticket.Tenant, ticket.Role, ticket.Scope).ShouldBe(("ci", "acme", TicketRole.Session, "acme/job-1"));
        ticket.NotBefore.ShouldBe(_time.Now);
        ticket.ExpiresAt.ShouldBe(_time.Now.AddHours(1));
        ticket.Id.Length.ShouldBe(16);
    }

    [Fact]
    public void Another_process_with_the_same_secret_accepts_it()
    {
        string text = _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromHours(1));
        var other = new TicketAuthority(ClusterSecret.FromText(" correct horse battery staple\n"), _time);

        other.Verify(text).Ticket.ShouldNotBeNull();
    }

    [Fact]
    public void A_ticket_of_another_cluster_is_refused()
    {
        var other = new TicketAuthority(ClusterSecret.FromText("another horse battery staple"), _time);

        Refused(other.Issue("ci", "acme", TicketRole.Operator, TimeSpan.FromHours(1))).ShouldBe(TicketFailure.WrongSignature);
    }

    [Fact]
    public void A_ticket_ends_at_its_expiry()
    {
        string text = _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromMinutes(10));

        _time.Now += TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1);
        _authority.Verify(text).Ticket.ShouldNotBeNull();
        _time.Now += TimeSpan.FromSeconds(1);
        Refused(text).ShouldBe(TicketFailure.Expired);
    }

    [Fact]
    public void A_ticket_from_a_clock_that_is_a_little_ahead_is_accepted_and_one_far_ahead_is_not()
    {
        _time.Now += TimeSpan.FromSeconds(30);
        string slightly = _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromMinutes(10));
        _time.Now += TimeSpan.FromSeconds(1);
        string far = _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromMinutes(10));
        _time.Now -= TimeSpan.FromSeconds(31);

        _authority.Verify(slightly).Ticket.ShouldNotBeNull();
        Refused(far).ShouldBe(TicketFailure.NotYetValid);
    }

    [Theory]
    [InlineData("", TicketFailure.Malformed)]
    [InlineData("eyJhbGciOi.x.y", TicketFailure.Malformed)]
    [InlineData("gat1.", TicketFailure.Malformed)]
    [InlineData("gat1.e30", TicketFailure.Malformed)]
    [InlineData("gat1.e30.", TicketFailure.WrongSignature)]
    [InlineData("gat1.é.x", TicketFailure.Malformed)]
    [InlineData("gat2.e30.AAAA", TicketFailure.UnknownVersion)]
    public void Each_kind_of_wrong_text_has_its_reason(string text, TicketFailure failure) => Refused(text).ShouldBe(failure);

    [Fact]
    public void A_text_without_end_is_refused_before_it_is_hashed() =>
        Refused("gat1." + new string('a', 10_000_000)).ShouldBe(TicketFailure.Malformed);

    [Fact]
    public void Any_flipped_bit_is_refused()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(_authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromHours(1)));
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                var verdict = _authority.Verify(Encoding.Latin1.GetString(bytes));
                bytes[i] ^= (byte)(1 << bit);
                verdict.Ticket.ShouldBeNull($"bit {bit} of character {i}");
            }
        }
    }

    [Fact]
    public void Any_other_ending_of_the_signature_is_refused_also_if_it_encodes_the_same_bytes()
    {
        string text = _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.FromHours(1));
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        foreach (char c in alphabet.Where(c => c != text[^1]))
        {
            _authority.Verify(text[..^1] + c).Ticket.ShouldBeNull();
        }

        _authority.Verify(text + "=").Ticket.ShouldBeNull();
    }

    [Fact]
    public void Random_texts_are_refused_without_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
            _authority.Verify(text.Get).Ticket is null && _authority.Verify("gat1." + text.Get).Reason.Length > 0)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void All_fields_survive_and_the_reason_of_a_refusal_shows_none_of_them() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), text =>
        {
            string name = new([.. text.Get.Where(c => !char.IsSurrogate(c)).Take(Ticket.MaxFieldLength).DefaultIfEmpty('x')]);
            string signed = _authority.Issue(name, name, TicketRole.Worker, TimeSpan.FromHours(1), name);
            var ticket = _authority.Verify(signed).Ticket!;
            return ticket.Subject == name && ticket.Tenant == name && ticket.Scope == name;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nonsense_is_not_signed()
    {
        Should.Throw<ArgumentException>(() => _authority.Issue("", "acme", TicketRole.Tenant, TimeSpan.FromHours(1)));
        Should.Throw<ArgumentException>(() => _authority.Issue("ci", new string('x', 257), TicketRole.Tenant, TimeSpan.FromHours(1)));
        Should.Throw<ArgumentException>(() => _authority.Issue("ci", "acme", TicketRole.Tenant, TimeSpan.Zero));
        Should.Throw<ArgumentException>(() => _authority.Issue("ci", "acme", (TicketRole)9, TimeSpan.FromHours(1)));
    }

    private TicketFailure Refused(string text)
    {
        var verdict = _authority.Verify(text);
        verdict.Ticket.ShouldBeNull();
        verdict.Reason.ShouldNotBeEmpty();
        return verdict.Failure;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
