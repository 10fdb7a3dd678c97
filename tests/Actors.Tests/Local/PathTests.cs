using FsCheck;
using FsCheck.Fluent;

namespace GpuActors.Actors.Tests.Local;

public sealed class PathTests
{
    private static readonly Gen<string> Names =
        Gen.Elements("abcXYZ019-_.*$+:@&=,!~';".ToCharArray()).NonEmptyListOf()
            .Select(chars => new string([.. chars])).Where(name => ActorPath.IsValidName(name));

    private static readonly Gen<Address> Addresses =
        from system in Gen.Elements("s", "my-system_1")
        from host in Gen.Elements(null, "localhost", "10.0.0.1", "::1", "a.example.org")
        from port in Gen.Choose(1, 65535)
        select new Address(system, host, host is null ? null : port);

    private static readonly Gen<ActorPath> Paths =
        from address in Addresses
        from names in Names.ListOf()
        from uid in Gen.Choose(0, int.MaxValue)
        select names.Aggregate(ActorPath.Root(address), (path, name) => path / name).WithUid(uid);

    [Fact]
    public void Every_path_is_read_back_as_it_was_written() =>
        Prop.ForAll(Paths.ToArbitrary(), path =>
        {
            var read = ActorPath.Parse(path.ToSerializationFormat());
            read.ShouldBe(path);
            read.Uid.ShouldBe(path.Uid);
            read.GetHashCode().ShouldBe(path.GetHashCode());
            Address.Parse(path.Address.ToString()).ShouldBe(path.Address);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_parser_throw_anything_but_a_format_error() =>
        Prop.ForAll<string>(text =>
        {
            foreach (var candidate in new[] { text, "akka://" + text, "akka://s/" + text, "akka://s@h:1/a#" + text })
            {
                if (!ActorPath.TryParse(candidate, out var path))
                {
                    Should.Throw<FormatException>(() => ActorPath.Parse(candidate ?? ""));
                }
                else
                {
                    path.Elements.ShouldAllBe(e => ActorPath.IsValidName(e));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("akka://system/user/a", "/user/a", 0)]
    [InlineData("akka://system@host:8080/user/a/b#42", "/user/a/b", 42)]
    [InlineData("akka://system@[::1]:8080/user", "/user", 0)]
    [InlineData("akka://system", "/", 0)]
    [InlineData("akka://system/user/", "/user", 0)]
    public void Paths_are_read(string text, string elements, long uid)
    {
        var path = ActorPath.Parse(text);

        path.ToStringWithoutAddress().ShouldBe(elements);
        path.Uid.ShouldBe(uid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("user/a")]
    [InlineData("http://system/user")]
    [InlineData("akka:///user")]
    [InlineData("akka://sys tem/user")]
    [InlineData("akka://system@host/user")]
    [InlineData("akka://system@host:port/user")]
    [InlineData("akka://system@host:70000/user")]
    [InlineData("akka://system@::1:80/user")]
    [InlineData("akka://system/user//a")]
    [InlineData("akka://system/user/..")]
    [InlineData("akka://system/user/a b")]
    [InlineData("akka://system/user#x")]
    [InlineData("akka://system/user#-1")]
    public void Malformed_paths_are_refused(string text) => ActorPath.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_local_path_is_written_with_the_address_that_others_use()
    {
        var path = ActorPath.Parse("akka://s/user/a#7");

        path.ToSerializationFormat(new Address("s", "host", 1)).ShouldBe("akka://s@host:1/user/a#7");
        path.ToStringWithAddress(new Address("t")).ShouldBe("akka://t/user/a");
    }
}
