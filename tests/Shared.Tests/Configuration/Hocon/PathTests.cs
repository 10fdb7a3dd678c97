using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>Path expressions in keys: HOCON.md, "Path expressions" and "Paths as keys".</summary>
public class PathTests
{
    [Theory]
    [InlineData("foo.bar : 42", """{"foo":{"bar":42}}""")]
    [InlineData("foo.bar.baz : 42", """{"foo":{"bar":{"baz":42}}}""")]
    [InlineData("a.x : 42, a.y : 43", """{"a":{"x":42,"y":43}}""")]
    [InlineData("a b c : 42", """{"a b c":42}""")]
    [InlineData("  a  b  : 42", """{"a  b":42}""")]
    [InlineData("true : 42", """{"true":42}""")]
    [InlineData("3 : 42", """{"3":42}""")]
    [InlineData("3.14 : 42", """{"3":{"14":42}}""")]
    [InlineData("10.0foo : 1", """{"10":{"0foo":1}}""")]
    [InlineData("foo10.0 : 1", """{"foo10":{"0":1}}""")]
    [InlineData("foo\"10.0\" : 1", """{"foo10.0":1}""")]
    [InlineData("1.2.3 : 1", """{"1":{"2":{"3":1}}}""")]
    [InlineData("foo.bar.\"hello.world\" : 1", """{"foo":{"bar":{"hello.world":1}}}""")]
    [InlineData("a.\"\".b : 1", """{"a":{"":{"b":1}}}""")]
    [InlineData("\"a\".b c : 1", """{"a":{"b c":1}}""")]
    [InlineData("a.\"b\"c.d : 1", """{"a":{"bc":{"d":1}}}""")]
    public void Keys_are_paths(string text, string expected) => text.ShouldMean(expected);

    [Theory]
    [InlineData("a..b = 1")]
    [InlineData(".a = 1")]
    [InlineData("a. = 1")]
    [InlineData(". = 1")]
    [InlineData("a. .b = 1", false)]
    public void An_empty_element_must_be_quoted(string text, bool refused = true)
    {
        if (refused)
        {
            text.ShouldBeRefused(1, 1, "empty element");
        }
        else
        {
            text.ShouldMean("""{"a":{" ":{"b":1}}}""");
        }
    }

    [Fact]
    public void Getters_take_the_same_paths()
    {
        var config = HoconAssert.Resolve("a.\"b.c\".d e = 1");

        config.GetInt("a.\"b.c\".d e").ShouldBe(1);
        config.HasPath("a.b.c").ShouldBeFalse();
        Should.Throw<HoconException>(() => config.GetInt("a..b")).Message.ShouldContain("empty element");
        Should.Throw<HoconException>(() => config.GetInt("a=b")).Message.ShouldContain("must be quoted");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a.b-c_d.0")]
    [InlineData("\"a.b\".\"\".\"x y\".\"include\"")]
    public void A_rendered_path_reads_as_the_same_path(string path) =>
        ConfigPath.Render(ConfigPath.Parse(path)).ShouldBe(path);
}
