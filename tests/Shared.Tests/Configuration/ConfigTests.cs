using GpuActors.Shared.Configuration;
using GpuActors.Shared.Tests.Configuration.Hocon;

namespace GpuActors.Shared.Tests.Configuration;

/// <summary>Getters and their conversions: HOCON.md, "API Recommendations".</summary>
public class ConfigTests
{
    private static Config Of(string text) => HoconAssert.Resolve(text);

    [Theory]
    [InlineData("10", 10)]
    [InlineData("\"10\"", 10)]
    [InlineData("10 ns", 0.00001)]
    [InlineData("10us", 0.01)]
    [InlineData("10 micros", 0.01)]
    [InlineData("10ms", 10)]
    [InlineData("10 millis", 10)]
    [InlineData("1.5s", 1500)]
    [InlineData("10 seconds", 10_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1 minute", 60_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("\" 1 d \"", 86_400_000)]
    [InlineData("7 days", 604_800_000)]
    [InlineData("-1s", -1000)]
    public void Times_have_units_and_milliseconds_without(string text, double milliseconds) =>
        Of("a = " + text).GetTimeSpan("a").ShouldBe(TimeSpan.FromTicks((long)Math.Round(milliseconds * 10_000)));

    [Theory]
    [InlineData("1 fortnight")]
    [InlineData("1S")]
    [InlineData("s")]
    [InlineData("1 s s")]
    [InlineData("99999999999999d")]
    [InlineData("true")]
    [InlineData("[1]")]
    public void What_is_no_time_is_refused(string text) =>
        Should.Throw<ConfigException>(() => Of("a = " + text).GetTimeSpan("a")).Message.ShouldContain("but a time such as");

    [Theory]
    [InlineData("512", 512)]
    [InlineData("1B", 1)]
    [InlineData("1 byte", 1)]
    [InlineData("1kB", 1000)]
    [InlineData("1 kilobyte", 1000)]
    [InlineData("1k", 1024)]
    [InlineData("1K", 1024)]
    [InlineData("1Ki", 1024)]
    [InlineData("1KiB", 1024)]
    [InlineData("1.5 kibibytes", 1536)]
    [InlineData("4MiB", 4 << 20)]
    [InlineData("4MB", 4_000_000)]
    [InlineData("4m", 4 << 20)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("1g", 1L << 30)]
    [InlineData("2 terabytes", 2_000_000_000_000)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("1P", 1L << 50)]
    [InlineData("7EiB", 7L << 60)]
    public void Sizes_have_units_and_bytes_without(string text, long bytes) =>
        Of("a = " + text).GetBytes("a").ShouldBe(bytes);

    [Theory]
    [InlineData("1KB")]
    [InlineData("8EiB")]
    [InlineData("1YiB")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("{}")]
    public void What_is_no_size_is_refused(string text) =>
        Should.Throw<ConfigException>(() => Of("a = " + text).GetBytes("a")).Message.ShouldContain("but a size such as");

    [Theory]
    [InlineData("3", 0, 0, 3)]
    [InlineData("2 weeks", 0, 0, 14)]
    [InlineData("6mo", 0, 6, 0)]
    [InlineData("1y", 1, 0, 0)]
    public void Periods_count_calendar_units(string text, int years, int months, int days) =>
        Of("a = " + text).GetPeriod("a").ShouldBe(new ConfigPeriod(years, months, days));

    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("\"on\"", true)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("off", false)]
    public void Six_words_are_booleans(string text, bool expected) => Of("a = " + text).GetBoolean("a").ShouldBe(expected);

    [Fact]
    public void Values_convert_to_text_and_text_to_numbers()
    {
        var config = Of("n = 1.50, b = true, t = \" 7 \", e = 1e3, d = -2.5");

        config.GetString("n").ShouldBe("1.50");
        config.GetString("b").ShouldBe("true");
        config.GetInt("t").ShouldBe(7);
        config.GetInt("e").ShouldBe(1000);
        config.GetLong("e").ShouldBe(1000);
        config.GetDouble("d").ShouldBe(-2.5);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("2147483648")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("1e400")]
    [InlineData("yes")]
    public void What_is_no_whole_number_is_refused(string text) =>
        Should.Throw<ConfigException>(() => Of("a = " + text).GetInt("a")).Message.ShouldContain("a whole number from");

    [Fact]
    public void An_error_names_the_full_path_and_the_place()
    {
        var config = Of("a {\n  b { c = many }\n}");

        Should.Throw<ConfigException>(() => config.GetConfig("a").GetConfig("b").GetInt("c")).Message.ShouldBe(
            "a.b.c is the text \"many\" (text:2:11), but a whole number from -2147483648 to 2147483647 is wanted.");
        Should.Throw<ConfigException>(() => config.GetConfig("a.b").GetInt("d")).Message.ShouldBe("a.b.d is not set.");
        Should.Throw<ConfigException>(() => config.GetConfig("a.b.c")).Message.ShouldContain("but an object is wanted");
        Should.Throw<ConfigException>(() => config.GetString("a")).Message.ShouldContain("a is an object (text:1:3)");
        config.GetInt("a.b.d", otherwise: 5).ShouldBe(5);
    }

    [Fact]
    public void Lists_come_as_texts_or_objects_and_numbered_objects_are_lists()
    {
        var config = Of("a = [x, 1, true], o = [{b=1}, {b=x}], n { 2 = c, 0 = a, 1 = b, x = y }, e = {}");

        config.GetStringList("a").ShouldBe(["x", "1", "true"]);
        config.GetStringList("n").ShouldBe(["a", "b", "c"]);
        config.GetConfigList("o")[0].GetInt("b").ShouldBe(1);
        Should.Throw<ConfigException>(() => config.GetConfigList("o")[1].GetInt("b")).Message.ShouldStartWith("o.1.b is");
        Should.Throw<ConfigException>(() => config.GetStringList("o")).Message.ShouldContain("as element 0");
        Should.Throw<ConfigException>(() => config.GetStringList("e")).Message.ShouldContain("a list of texts is wanted");
        Should.Throw<ConfigException>(() => config.GetStringList("n.x"));
    }

    [Fact]
    public void A_fallback_fills_in_what_is_missing()
    {
        var merged = Of("a { x = 1 }, n = null").WithFallback(Of("a { x = 2, y = 2 }, b = 3, n = 4"));

        merged.GetInt("a.x").ShouldBe(1);
        merged.GetInt("a.y").ShouldBe(2);
        merged.GetInt("b").ShouldBe(3);
        merged.HasPath("n").ShouldBeFalse();
    }

    [Fact]
    public void Documents_merge_before_their_substitutions_are_resolved()
    {
        var defaults = HoconParser.ParseString("host = localhost, url = ${host}/x, list = [1], o { a = 1 }", "defaults");
        var mine = HoconParser.ParseString("host = gpu1, other = ${url}, list = ${list} [2], list += 3, o { b = 2 }", "mine");

        var config = mine.WithFallback(defaults).Resolve();

        config.GetString("other").ShouldBe("gpu1/x");
        config.GetStringList("list").ShouldBe(["1", "2", "3"]);
        config.GetOrigin("host")!.Value.Source.ShouldBe("mine");
        config.GetOrigin("url")!.Value.Source.ShouldBe("defaults");
        config.GetConfig("o").Root.Fields.Count.ShouldBe(2);
        defaults.Resolve().GetString("url").ShouldBe("localhost/x");
        mine.WithFallback(defaults).Resolve().GetStringList("list").Count.ShouldBe(3);
    }

    [Fact]
    public void A_configuration_does_not_print_its_values() =>
        Of("password = hunter2").ToString().ShouldNotContain("hunter2");
}
