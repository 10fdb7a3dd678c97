using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>Substitutions and concatenation: HOCON.md, "Value concatenation" and "Substitutions".</summary>
public class SubstitutionTests
{
    [Theory]
    [InlineData("a : { b : 1 } { c : 2 }", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a : [ 1, 2 ] [ 3, 4 ]", """{"a":[1,2,3,4]}""")]
    [InlineData("a : [ 1, 2 ]\na : ${a} [ 3, 4 ]", """{"a":[1,2,3,4]}""")]
    [InlineData("a : [ 1 2 3 4 ]", """{"a":["1 2 3 4"]}""")]
    [InlineData("a : [ [ 1, 2 ] [ 3, 4 ] ]", """{"a":[[1,2,3,4]]}""")]
    [InlineData("a : [ [ 1, 2 ]\n [ 3, 4 ] ]", """{"a":[[1,2],[3,4]]}""")]
    [InlineData("a : [1]{\"0\":2}", """{"a":[1,2]}""")]
    [InlineData("a : {b=1}{b=2,c=3}{c=4}", """{"a":{"b":2,"c":4}}""")]
    public void Lists_and_objects_on_one_line_are_joined(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void An_object_serves_as_a_template()
    {
        """
        data-center-generic = { cluster-size = 6 }
        data-center-east = ${data-center-generic} { name = "east" }
        """.ShouldMean("""
            data-center-generic.cluster-size = 6
            data-center-east { cluster-size = 6, name = "east" }
            """);
    }

    [Fact]
    public void Text_lists_and_objects_do_not_mix()
    {
        "a = [1] x".ShouldBeRefused(1, 9, "cannot be joined");
        "a = x {}".ShouldBeRefused(1, 7, "cannot be joined");
        "b = [1], a = ${b} x".ShouldBeRefused(1, 19, "cannot be joined");
        "b = {c=1}, a = ${b} x".ShouldBeRefused(1, 21, "cannot be joined");
        "b = {c=1}, a = [1] ${b}".ShouldBeRefused(1, 20, "cannot be joined");
        "b = x, a = ${b} []".ShouldBeRefused(1, 12, "cannot be joined");
        "b = [1], a = ${b} \" \" ${b}".ShouldBeRefused(1, 19, "cannot be joined");
    }

    [Theory]
    [InlineData("animal.favorite = cat, key : ${animal.favorite} is my favorite animal")]
    [InlineData("animal.favorite = cat, key : ${animal.favorite}\" is my favorite animal\"")]
    public void Text_around_a_substitution_is_kept(string text) =>
        HoconAssert.Resolve(text).GetString("key").ShouldBe("cat is my favorite animal");

    [Theory]
    [InlineData("a=1,b=${a}", ConfigKind.Number)]
    [InlineData("a=true,b=${a}", ConfigKind.Boolean)]
    [InlineData("a=null,b=${a}", ConfigKind.Null)]
    [InlineData("a=[1],b=${a}", ConfigKind.List)]
    [InlineData("a={x=1},b=${a}", ConfigKind.Object)]
    [InlineData("a=1,b=${a}${a}", ConfigKind.String)]
    public void Alone_a_substitution_keeps_the_type(string text, ConfigKind kind) =>
        HoconAssert.Resolve(text).Root.Fields["b"].Kind.ShouldBe(kind);

    [Fact]
    public void Quoted_text_has_no_substitutions() => "a = \"${b}\"".ShouldMean("""{"a":"${b}"}""");

    [Fact]
    public void A_substitution_takes_the_last_value_also_of_later_lines() =>
        "a = ${b}, b = 1, b = 2".ShouldMean("a=2,b=2");

    [Fact]
    public void A_missing_required_value_is_an_error_at_its_place()
    {
        var error = "a = 1\nb = ${c.\"d.e\"}".ShouldBeRefused(2, 5, "nothing sets c.\"d.e\"");

        error.Message.ShouldStartWith("text:2:5: ");
        error.Message.ShouldContain("${?...}");
    }

    [Theory]
    [InlineData("a = ${?b}", "{}")]
    [InlineData("a = 1, a = ${?b}", "a=1")]
    [InlineData("a = [1, ${?b}, 2]", "a=[1,2]")]
    [InlineData("a = x${?b}y", "a=xy")]
    [InlineData("a = [1]${?b}", "a=[1]")]
    [InlineData("a = {x=1}${?b}", "a={x=1}")]
    [InlineData("a = ${?b}${?c}", "{}")]
    [InlineData("a = 1, a = ${?b}${?c}", "a=1")]
    [InlineData("a = {x=1}, a = ${?b}, a = {y=2}", "a={x=1,y=2}")]
    public void A_missing_optional_value_is_left_out(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void The_question_mark_belongs_to_the_brace()
    {
        "a = ${ ?b}".ShouldBeRefused(1, 7, "empty element");
        "a = $ {b}".ShouldBeRefused(1, 5, "must begin a substitution");
        "a = ${b".ShouldBeRefused(1, 5, "must be closed");
        "a = ${b\n}".ShouldBeRefused(1, 5, "must be closed");
        "a = ${b${c}}".ShouldBeRefused(1, 5, "must be closed");
        "a = ${}".ShouldBeRefused(1, 7, "empty element");
    }

    [Fact]
    public void Paths_of_substitutions_are_those_of_keys() =>
        "\"a.b\".c d = 1, e = ${ \"a.b\".c d }, 3.14 = 2, f = ${3.14}".ShouldMean("\"a.b\".\"c d\"=1,e=1,3.14=2,f=2");

    [Fact]
    public void The_environment_fills_in_what_the_text_does_not_set()
    {
        static string? Environment(string name) => name switch { "HOME" => "/h", "EMPTY" => "", "PORT" => "80", _ => null };
        var config = ConfigurationFactory.ParseString(
            "a = ${HOME}/x, b = ${?EMPTY}, c = 1, c = ${?NOPE}, d = ${PORT}", environment: Environment);

        config.GetString("a").ShouldBe("/h/x");
        config.GetString("b").ShouldBe("");
        config.GetInt("c").ShouldBe(1);
        config.GetInt("d").ShouldBe(80);
        config.GetOrigin("d").ToString().ShouldBe("environment variable PORT");
        config.HasPath("HOME").ShouldBeFalse();
    }

    [Fact]
    public void A_null_in_the_text_hides_the_environment()
    {
        var config = ConfigurationFactory.ParseString("HOME = null, a = ${HOME}", environment: _ => "x");

        config.HasPath("a").ShouldBeFalse();
    }

    [Fact]
    public void Objects_may_refer_to_their_own_fields()
    {
        "bar : { foo : 42, baz : ${bar.foo} }".ShouldMean("bar{foo=42,baz=42}");
        "bar : { foo : 42, baz : ${bar.foo} }, bar : { foo : 43 }".ShouldMean("bar{foo=43,baz=43}");
        "bar = ${foo}, foo = { a = 1, b = ${bar.a} }".ShouldMean("bar{a=1,b=1},foo{a=1,b=1}");
    }

    [Fact]
    public void Objects_may_refer_to_each_other() =>
        """
        bar : { a : ${foo.d}, b : 1 }
        bar.b = 3
        foo : { c : ${bar.b}, d : 2 }
        foo.d = 4
        """.ShouldMean("bar{a=4,b=3},foo{c=3,d=4}");

    [Fact]
    public void Numbers_in_text_stay_as_they_were_written() =>
        HoconAssert.Resolve("n = 1.50E+3, s = ${n}/x").GetString("s").ShouldBe("1.50E+3/x");
}
