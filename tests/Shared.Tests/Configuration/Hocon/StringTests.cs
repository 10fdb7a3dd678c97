using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>Unquoted, quoted and triple-quoted text, numbers and words: HOCON.md, "Unquoted strings" and on.</summary>
public class StringTests
{
    private static ConfigScalar Value(string text) => (ConfigScalar)HoconAssert.Resolve("a = " + text).GetValue("a");

    [Theory]
    [InlineData("true", ConfigKind.Boolean)]
    [InlineData("false", ConfigKind.Boolean)]
    [InlineData("42", ConfigKind.Number)]
    [InlineData("-0.5e+3", ConfigKind.Number)]
    [InlineData("1E5", ConfigKind.Number)]
    [InlineData("\"true\"", ConfigKind.String)]
    [InlineData("truefoo", ConfigKind.String)]
    [InlineData("footrue", ConfigKind.String)]
    [InlineData("true foo", ConfigKind.String)]
    [InlineData("10.0bar", ConfigKind.String)]
    [InlineData("bar10.0", ConfigKind.String)]
    [InlineData("10.0.0.1", ConfigKind.String)]
    [InlineData("012", ConfigKind.String)]
    [InlineData("-", ConfigKind.String)]
    [InlineData("-foo", ConfigKind.String)]
    [InlineData("1.", ConfigKind.String)]
    [InlineData(".5", ConfigKind.String)]
    [InlineData("NaN", ConfigKind.String)]
    [InlineData("1-2", ConfigKind.String)]
    public void A_single_word_keeps_its_type_and_everything_else_is_text(string text, ConfigKind kind)
    {
        var value = Value(text);

        value.Kind.ShouldBe(kind);
        value.Text.ShouldBe(text.Trim('"'));
    }

    [Fact]
    public void Null_is_a_value_that_counts_as_missing()
    {
        var config = HoconAssert.Resolve("a = null");

        config.Root.Fields["a"].Kind.ShouldBe(ConfigKind.Null);
        config.HasPath("a").ShouldBeFalse();
    }

    [Theory]
    [InlineData("$")]
    [InlineData(":")]
    [InlineData("=")]
    [InlineData("+")]
    [InlineData("`")]
    [InlineData("^")]
    [InlineData("?")]
    [InlineData("!")]
    [InlineData("@")]
    [InlineData("*")]
    [InlineData("&")]
    [InlineData("\\")]
    public void Forbidden_characters_must_be_quoted(string forbidden)
    {
        ("a = b" + forbidden).ShouldBeRefused(1, 6, "quote");
        Value($"\"b{(forbidden == "\\" ? "\\\\" : forbidden)}\"").Text.ShouldBe("b" + forbidden);
    }

    [Theory]
    [InlineData(" foo bar baz ", "foo bar baz")]
    [InlineData("foo  \t bar", "foo  \t bar")]
    [InlineData("foo\"bar\" baz", "foobar baz")]
    [InlineData("1 2 3 4", "1 2 3 4")]
    [InlineData("1e5 x", "1e5 x")]
    [InlineData("null x", "null x")]
    [InlineData("\"\" \"\"", " ")]
    public void Text_on_one_line_is_joined_with_the_blanks_between(string text, string expected)
    {
        var value = Value(text);

        value.Kind.ShouldBe(ConfigKind.String);
        value.Text.ShouldBe(expected);
    }

    [Fact]
    public void Joined_text_ends_at_the_line() => "a = b c\nd = e".ShouldMean("""{"a":"b c","d":"e"}""");

    [Theory]
    [InlineData("""
        "\"\\\/\b\f\n\r\tA\u00e9"
        """, "\"\\/\b\f\n\r\tA\u00e9")]
    [InlineData("""
        "\uD83D\uDE00"
        """, "\U0001F600")]
    public void Escapes_of_quoted_text_are_those_of_json(string text, string expected) => Value(text).Text.ShouldBe(expected);

    [Theory]
    [InlineData("\"\\x\"", 6, "means nothing")]
    [InlineData("\"\\u12\"", 6, "four hexadecimal digits")]
    [InlineData("\"\\uD83D\"", 6, "surrogate")]
    [InlineData("\"\\uDE00\"", 6, "surrogate")]
    [InlineData("\"\\uD83D\\u0041\"", 6, "surrogate")]
    [InlineData("\"a\nb\"", 5, "closing quote")]
    [InlineData("\"a", 5, "closing quote")]
    [InlineData("\"a\tb\"", 7, "control character U+0009")]
    [InlineData("\"\"\"a\"\"", 5, "no closing \"\"\"")]
    public void Broken_quoted_text_is_refused(string text, int column, string words) =>
        ("a = " + text).ShouldBeRefused(1, column, words);

    [Theory]
    [InlineData("\"\"\"foo\"\"\"", "foo")]
    [InlineData("\"\"\"foo\"\"\"\"", "foo\"")]
    [InlineData("\"\"\"\"foo\"\"\"\"\"", "\"foo\"\"")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("\"\"\"two\n  lines \\u0041 \"quoted\" # and all\"\"\"", "two\n  lines \\u0041 \"quoted\" # and all")]
    public void Triple_quoted_text_is_taken_as_it_is(string text, string expected) => Value(text).Text.ShouldBe(expected);

    [Fact]
    public void Lines_inside_of_triple_quotes_count() =>
        "a = \"\"\"\n\n\"\"\"\nb = $".ShouldBeRefused(4, 5, "substitution");

    [Fact]
    public void All_of_json_is_hocon() =>
        """{"a":{"b":[1,-2.5e-3,true,false,null,"x\ty",{}, []]},"":0,"c.d":{"e":1}}"""
            .ShouldMean("a.b=[1,-2.5e-3,true,false,null,\"x\\ty\",{},[]],\"\"=0,\"c.d\".e=1");
}
