using GpuActors.Shared.Configuration;
using GpuActors.Shared.Tests.Configuration.Hocon;

namespace GpuActors.Shared.Tests.Configuration;

public class ConfigCheckTests
{
    private const string Reference = """
        vars {}
        app {
          port = 80, share = 0.5, verbose = false, name = x, pause = 5s, limit = 4MiB, hosts = [], any = null
          remote { heartbeat-interval = 1s }
        }
        """;

    private static IReadOnlyList<string> Mistakes(string text) =>
        ConfigCheck.FindMistakes(HoconAssert.Resolve(text), HoconAssert.Resolve(Reference));

    [Fact]
    public void What_the_reference_knows_is_accepted() => Mistakes("""
        vars { anything { goes = 1 } }
        app {
          port = "8080", share = 1, verbose = on, name = 7, pause = 250, limit = 1GB, hosts { 0 = a }
          any { of = [this] }, remote.heartbeat-interval = 2 minutes
        }
        """).ShouldBeEmpty();

    [Theory]
    [InlineData("app.prot = 1", "text:1:12: There is no setting app.prot. Did you mean app.port?")]
    [InlineData("app {\n remote { heartbeat-intervall = 2s }\n}", "text:2:33: There is no setting app.remote.heartbeat-intervall. Did you mean app.remote.heartbeat-interval?")]
    [InlineData("app.heartbeat-interval = 2s", "text:1:26: There is no setting app.heartbeat-interval. Did you mean app.remote.heartbeat-interval?")]
    [InlineData("ap.port = 1", "text:1:1: There is no setting ap. Did you mean app?")]
    [InlineData("app.weather = rain", "text:1:15: There is no setting app.weather.")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string text, string expected) =>
        Mistakes(text).ShouldBe([expected]);

    [Theory]
    [InlineData("app.port = many", "a number")]
    [InlineData("app.port = []", "a number")]
    [InlineData("app.port = null", "a number")]
    [InlineData("app.verbose = 1", "true or false")]
    [InlineData("app.name = {}", "text")]
    [InlineData("app.name = null", "text")]
    [InlineData("app.pause = 5 parsecs", "a time")]
    [InlineData("app.limit = 5s", "a size")]
    [InlineData("app.hosts = a", "a list")]
    [InlineData("app.hosts = {}", "a list")]
    [InlineData("app.remote = 5", "an object")]
    [InlineData("app = 5", "an object")]
    public void A_value_of_another_type_is_refused_with_what_is_wanted(string text, string wanted) =>
        Mistakes(text).ShouldHaveSingleItem().ShouldMatch($@"^text:1:\d+: app[a-z.]* is .*, but {wanted}.* is wanted\.$");

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        var error = Should.Throw<ConfigException>(() => ConfigCheck.Demand(
            HoconAssert.Resolve("app.prot = 1\napp.share = x\napp.port = 5"), HoconAssert.Resolve(Reference)));

        error.Message.Split(Environment.NewLine).Length.ShouldBe(2);
    }

    [Fact]
    public void A_very_long_key_costs_nothing() => Mistakes($"{new string('k', 100_000)} = 1").ShouldHaveSingleItem();
}
