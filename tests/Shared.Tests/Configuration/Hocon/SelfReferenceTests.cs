using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>HOCON.md, "Self-Referential Substitutions", "The += field separator" and its examples.</summary>
public class SelfReferenceTests
{
    [Theory]
    [InlineData("path : \"a:b:c\"\npath : ${path}\":d\"", "path=\"a:b:c:d\"")]
    [InlineData("path = [ /bin ]\npath = ${path} [ /usr/bin ]", "path=[/bin,/usr/bin]")]
    [InlineData("foo : { a : 1 }, foo : ${foo}", "foo{a=1}")]
    [InlineData("foo : { a : { c : 1 } }\nfoo : ${foo.a}\nfoo : { a : 2 }", "foo{a=2,c=1}")]
    [InlineData("a = ${?a}foo", "a=foo")]
    [InlineData("foo : ${?foo}", "{}")]
    [InlineData("a=x, a=${a}y, a=${a}z, b=${a}", "a=xyz,b=xyz")]
    [InlineData("b=${a}, a=x, a=${a}y", "a=xy,b=xy")]
    [InlineData("a { p = [1] }\na.p = ${a.p} [2]", "a.p=[1,2]")]
    [InlineData("a.p = 1\na = ${base}\na.p = ${a.p}2\nbase.q = 3", "a{p=\"12\",q=3},base.q=3")]
    [InlineData("a.p = 1\na = ${base}\na.p = ${a.p}2\nbase.p = 3", "a.p=\"32\",base.p=3")]
    public void A_self_reference_takes_the_older_value(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void Without_an_older_value_a_self_reference_is_an_error()
    {
        "foo : ${foo}".ShouldBeRefused(1, 7, "depends on itself");
        "foo : ${foo}\nfoo : { a : 1 }".ShouldBeRefused(1, 7, "depends on itself");
        "a = ${a}bc".ShouldBeRefused(1, 5, "depends on itself");
    }

    [Theory]
    [InlineData("foo : ${does-not-exist}, foo : 42", "foo=42")]
    [InlineData("foo : ${foo}, foo : 42", "foo=42")]
    [InlineData("foo.a : ${foo.a}, foo : 42", "foo=42")]
    public void What_is_hidden_is_never_evaluated(string text, string expected) => text.ShouldMean(expected);

    [Theory]
    [InlineData("bar : ${foo}\nfoo : ${bar}")]
    [InlineData("a : ${b}\nb : ${c}\nc : ${a}")]
    [InlineData("a : { b : ${a} }")]
    [InlineData("a : [${a}]")]
    [InlineData("a : [1]\na : [${a}]")]
    [InlineData("a : { b : { c : ${a.b} } }")]
    [InlineData("a : { x : ${b} }, b : { y : ${a} }")]
    [InlineData("a : [{ x : ${b} }], b : [{ y : ${a} }]")]
    [InlineData("r : { k : ${r}, k : { z : 1 } }")]
    public void Circles_are_errors_that_name_who_takes_part(string text)
    {
        var error = Should.Throw<HoconException>(() => HoconAssert.Resolve(text));

        error.Message.ShouldContain("depends on itself");
        error.Message.ShouldContain("${");
    }

    [Theory]
    [InlineData("a : { b : ${?a} }", "a{}")]
    [InlineData("a : [1, ${?a}]", "a=[1]")]
    [InlineData("x : ${?y}, y : ${?x}", "{}")]
    [InlineData("a : [1] ${?b}, b : [${?a}]", "a=[1],b=[]")]
    public void An_optional_substitution_breaks_a_circle(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void Two_fields_that_swap_get_the_same_value()
    {
        var config = HoconAssert.Resolve("a : 1\nb : 2\na : ${b}\nb : ${a}");

        config.GetInt("a").ShouldBe(config.GetInt("b"));
    }

    [Fact]
    public void A_template_that_appends_to_itself_appends_once_wherever_it_is_used()
    {
        """
        east = ${generic} { name = east }
        west = ${generic} { path = ${west.path} [3] }
        north = ${generic} { path = ${generic.path} [4] }
        generic { path = [1], path = ${generic.path} [2] }
        """.ShouldMean("""
            east { path = [1,2], name = east }
            west.path = [1,2,3]
            north.path = [1,2,4]
            generic.path = [1,2]
            """);
    }

    [Fact]
    public void An_overridden_field_of_a_template_is_not_evaluated() =>
        "base { x = ${a} }, a = ${base} { x = 1 }".ShouldMean("base.x.x=1,a.x=1");

    [Theory]
    [InlineData("a += 1", "a=[1]")]
    [InlineData("a = [1]\na += 2\na += 3", "a=[1,2,3]")]
    [InlineData("a += 1\na += 2\na = [0]\na += 3", "a=[0,3]")]
    [InlineData("a = [1]\na += [2]", "a=[1,[2]]")]
    [InlineData("a = [1]\na += {b=2}", "a=[1,{b=2}]")]
    [InlineData("b = [1]\na = ${b}\na += 2\na += ${a}", "b=[1],a=[1,2,[1,2]]")]
    [InlineData("o { a = [1] }, o { a += 2 }, o.a += 3", "o.a=[1,2,3]")]
    [InlineData("l = [{ a = [1], a += 2, a += 3 }, { a += 4 }]", "l=[{a=[1,2,3]},{a=[4]}]")]
    [InlineData("b=[1], l = [{ a = ${b}, a += 2, a += 3 }]", "b=[1],l=[{a=[1,2,3]}]")]
    public void Plus_equals_appends_an_element(string text, string expected) => text.ShouldMean(expected);

    [Fact]
    public void Plus_equals_on_what_is_no_list_is_an_error()
    {
        "a = x\na += 1".ShouldBeRefused(2, 1, "cannot be joined");
        "a = {x=1}\na += 1".ShouldBeRefused(2, 1, "cannot be joined");
    }

    [Fact]
    public void Appending_very_often_needs_no_deep_stack()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"a += {i}\n"));

        HoconAssert.Resolve(text).GetStringList("a").Count.ShouldBe(20_000);
    }

    [Fact]
    public void Chains_of_substitutions_are_bounded()
    {
        string chain = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"a{i} = ${{a{i + 1}}}\n")) + "a100000 = 1";

        Should.Throw<HoconException>(() => HoconAssert.Resolve(chain)).Message.ShouldContain("in a row");
    }

    [Theory]
    [InlineData("a{0} = [${{a{1}}}, ${{a{1}}}]\n", "a64 = [x]")]
    [InlineData("a{0} = ${{a{1}}}${{a{1}}}\n", "a64 = xx")]
    [InlineData("a{0} = {{ l = ${{a{1}}}, r = ${{a{1}}} }}\n", "a64 = x")]
    public void Values_that_double_again_and_again_are_refused(string line, string last)
    {
        string text = string.Concat(Enumerable.Range(0, 64).Select(i => string.Format(line, i, i + 1))) + last;

        Should.Throw<HoconException>(() => HoconAssert.Resolve(text));
    }
}
