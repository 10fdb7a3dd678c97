using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>Comments, root braces, separators, commas, whitespace, duplicate keys: HOCON.md, "Syntax".</summary>
public class SyntaxTests
{
    [Theory]
    [InlineData("# one\na = 1 # two\n// three\nb = 2 // four", """{"a":1,"b":2}""")]
    [InlineData("a = \"# no // comment\"", """{"a":"# no // comment"}""")]
    [InlineData("a = [1 # one\n, 2 // two\n]", """{"a":[1,2]}""")]
    [InlineData("a = b#c", """{"a":"b"}""")]
    [InlineData("a = b//c", """{"a":"b"}""")]
    [InlineData("a = b/c", """{"a":"b/c"}""")]
    public void Comments_run_to_the_end_of_the_line_unless_they_are_quoted(string text, string expected) =>
        text.ShouldMean(expected);

    [Theory]
    [InlineData("a = 1", """{"a":1}""")]
    [InlineData("", "{}")]
    [InlineData("  # nothing\n", "{}")]
    [InlineData("{ a = 1 }\n# end\n", """{"a":1}""")]
    public void Root_braces_may_be_left_out(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void Root_braces_must_be_balanced()
    {
        "a = 1\n}".ShouldBeRefused(2, 1, "closes nothing");
        "{ a = 1".ShouldBeRefused(1, 1, "never closed");
        "{ a = 1 } b = 2".ShouldBeRefused(1, 11, "after the root's closing brace");
        "[1]".ShouldBeRefused(1, 1, "must be an object at its root");
    }

    [Theory]
    [InlineData("a:1,b=2", """{"a":1,"b":2}""")]
    [InlineData("a{b=1}", """{"a":{"b":1}}""")]
    [InlineData("a {b=1}", """{"a":{"b":1}}""")]
    [InlineData("\"a\" {}", """{"a":{}}""")]
    [InlineData("a\n=\n1", """{"a":1}""")]
    [InlineData("a = # the value comes below\n\n 1", """{"a":1}""")]
    public void Keys_and_values_are_separated_by_colon_equals_or_an_opening_brace(string text, string expected) =>
        text.ShouldMean(expected);

    [Theory]
    [InlineData("a = [1,2,3,]")]
    [InlineData("a = [1\n2\n3]")]
    [InlineData("a = [1,\n2,\n\n3\n,]")]
    [InlineData("a = [\n\n1\n,2,3]")]
    public void Newlines_separate_like_commas_and_one_comma_may_trail(string text) => text.ShouldMean("a:[1,2,3]");

    [Fact]
    public void Fields_are_separated_by_the_same_rules_as_elements()
    {
        "{a:1\nb:2,}".ShouldMean("""{"a":1,"b":2}""");
        "{a:1,\n\n b:2\n,}".ShouldMean("""{"a":1,"b":2}""");
    }

    [Theory]
    [InlineData("a=[1,2,3,,]", 10)]
    [InlineData("a=[,1,2,3]", 4)]
    [InlineData("a=[1,,2,3]", 6)]
    [InlineData("a=[,]", 4)]
    [InlineData("{a:1,,}", 6)]
    [InlineData("{,a:1}", 2)]
    [InlineData(",a:1", 1)]
    [InlineData("a:1,,b:2", 5)]
    public void A_comma_too_many_is_refused(string text, int column) => text.ShouldBeRefused(1, column, "comma too many");

    [Theory]
    [InlineData('\u00A0')]
    [InlineData('\u2007')]
    [InlineData('\u202F')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\t')]
    [InlineData('\v')]
    [InlineData('\f')]
    [InlineData('\r')]
    [InlineData('\u001C')]
    [InlineData('\u001F')]
    [InlineData('\uFEFF')]
    public void Every_kind_of_whitespace_is_skipped_and_kept_inside_of_text(char blank)
    {
        $"{blank}a{blank}={blank}b{blank}c{blank}\nd=1".ShouldMean($$"""{"a":"b{{Escaped(blank)}}c","d":1}""");

        static string Escaped(char c) => $"\\u{(int)c:x4}";
    }

    [Fact]
    public void Only_the_line_feed_ends_a_line() => "a = [1\r2]".ShouldMean("""{"a":["1\r2"]}""");

    [Fact]
    public void A_byte_order_mark_is_whitespace() =>
        HoconParser.ParseUtf8([0xEF, 0xBB, 0xBF, (byte)'a', (byte)'=', (byte)'1']).Resolve().GetInt("a").ShouldBe(1);

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_where_they_stand()
    {
        var error = Should.Throw<HoconException>(() => HoconParser.ParseUtf8([(byte)'\n', (byte)'a', 0xFF]));

        (error.Line, error.Column).ShouldBe((2, 2));
        error.Message.ShouldContain("not valid UTF-8");
    }

    [Theory]
    [InlineData("""foo:{a:42},foo:{b:43}""", """{"foo":{"a":42,"b":43}}""")]
    [InlineData("""foo:{a:42},foo:null,foo:{b:43}""", """{"foo":{"b":43}}""")]
    [InlineData("a=1,a=2", """{"a":2}""")]
    [InlineData("a={b=1},a=2", """{"a":2}""")]
    [InlineData("a={x=1,y={z=1}},a={y={w=2},x=3}", """{"a":{"x":3,"y":{"z":1,"w":2}}}""")]
    [InlineData("a=[1],a=[2]", """{"a":[2]}""")]
    public void Later_keys_override_and_objects_merge(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void Two_values_on_a_line_need_a_separator()
    {
        "a = {} b = 1".ShouldBeRefused(1, 10, "'='");
        "a = 1 } ".ShouldBeRefused(1, 7, "closes nothing");
        "a = [1 2".ShouldBeRefused(1, 5, "never closed");
        "a = [{b=1]".ShouldBeRefused(1, 10, "comma, a newline or the end");
    }

    [Fact]
    public void A_key_without_a_value_is_refused_where_it_stands()
    {
        "a\nb = 1".ShouldBeRefused(1, 1, "must be followed by");
        "a =\n\n}".ShouldBeRefused(3, 1, "value was expected");
        "a = , b = 1".ShouldBeRefused(1, 5, "value was expected");
        "= 1".ShouldBeRefused(1, 1, "key was expected");
        "a $b = 1".ShouldBeRefused(1, 3, "cannot be part of a key");
        "${a} = 1".ShouldBeRefused(1, 1, "cannot be part of a key");
        "[a] = 1".ShouldBeRefused(1, 1, "list");
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("a={", 100_000));
        Should.Throw<HoconException>(() => HoconAssert.Resolve(deep)).Message.ShouldContain("deep");
        Should.Throw<HoconException>(() => HoconAssert.Resolve("a=" + new string('[', 100_000))).Message.ShouldContain("deep");
        string path = string.Join('.', Enumerable.Repeat("a", 100_000));
        Should.Throw<HoconException>(() => HoconAssert.Resolve(path + "=1")).Message.ShouldContain("at most");
        Should.Throw<HoconException>(() => HoconAssert.Resolve($"a=${{{path}}}")).Message.ShouldContain("at most");
    }
}
