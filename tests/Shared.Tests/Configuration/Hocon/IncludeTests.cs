using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Hocon;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>HOCON.md, "Includes", and the mapping of .properties.</summary>
public sealed class IncludeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Config Load(string text)
    {
        string path = _folder.Write("main/main.conf", text);
        return ConfigurationFactory.ParseFile(path, _ => null);
    }

    private void ShouldMean(string text, string expected)
    {
        var actual = Load(text).Root;
        actual.SameAs(HoconAssert.Resolve(expected).Root).ShouldBeTrue(HoconRenderer.Render(actual));
    }

    private HoconException Refused(string text) => Should.Throw<HoconException>(() => Load(text));

    [Theory]
    [InlineData("include \"x.conf\"")]
    [InlineData("include\n\n  \"x.conf\"")]
    [InlineData("include file(\"x.conf\")")]
    [InlineData("include file( \"x.conf\" )")]
    [InlineData("include required(\"x.conf\")")]
    [InlineData("include required( file( \"x.conf\" ) )")]
    [InlineData("include \"x\"")]
    [InlineData("include \"../main/x\"")]
    public void A_file_is_included_relative_to_the_including_one(string statement)
    {
        _folder.Write("main/x.conf", "a = 1");

        ShouldMean(statement, "a=1");
    }

    [Fact]
    public void An_absolute_name_needs_no_folder()
    {
        string path = _folder.Write("elsewhere/x.conf", "a = 1");

        ConfigurationFactory.ParseString($"include \"{path}\"").GetInt("a").ShouldBe(1);
        HoconParser.ParseString("include \"x\"", folder: Path.GetDirectoryName(path)).Resolve().GetInt("a").ShouldBe(1);
        Should.Throw<HoconException>(() => ConfigurationFactory.ParseString("include \"x.conf\""))
            .Message.ShouldContain("this text is in none");
    }

    [Fact]
    public void Included_fields_override_earlier_ones_and_are_overridden_by_later_ones()
    {
        _folder.Write("main/x.conf", "a = 2, b = 2, o { x = 1 }");

        ShouldMean("a = 1\no { y = 2 }\ninclude \"x\"\nb = 3", "a=2,b=3,o{y=2,x=1}");
        ShouldMean("o { include \"x\", c = 4 }, d = 5", "o{a=2,b=2,o{x=1},c=4},d=5");
    }

    [Fact]
    public void Substitutions_of_an_included_file_are_relative_to_its_place_first()
    {
        _folder.Write("main/foo.conf", "x : 10, y : ${x}, z = ${?outside}");

        ShouldMean("a : { include \"foo.conf\" }", "a{x=10,y=10}");
        ShouldMean("a : { include \"foo.conf\" }, a : { x : 42 }", "a{x=42,y=42}");
        ShouldMean("a : { include \"foo.conf\" }, outside = 7", "a{x=10,y=10,z=7},outside=7");
        ShouldMean("a.b : { include \"foo.conf\" }, a.outside = 7", "a{b{x=10,y=10},outside=7}");
    }

    [Fact]
    public void Substitutions_of_a_nested_file_look_in_every_file_around_it()
    {
        _folder.Write("main/one.conf", "b { include \"two.conf\" }, middle = m");
        _folder.Write("main/two.conf", "i = ${inner}${middle}${outer}, inner = i, l += ${inner}");

        ShouldMean("a { include \"one\" }, outer = o", "a{b{i=imo,inner=i,l=[i]},middle=m},outer=o");
    }

    [Fact]
    public void A_missing_file_is_skipped_unless_it_is_required()
    {
        ShouldMean("include \"nope\", a = 1", "a=1");
        ShouldMean("include file(\"no/pe.conf\")\na = 1", "a=1");
        var error = Refused("a = 1\n  include required(\"nope.conf\")");
        (error.Line, error.Column).ShouldBe((2, 11));
        error.Message.ShouldContain("does not exist");
    }

    [Fact]
    public void Without_an_extension_all_formats_are_merged_and_hocon_comes_last()
    {
        _folder.Write("main/x.properties", "a=p\nb=p\nc=p");
        _folder.Write("main/x.json", """{"b":"j","c":"j"}""");
        _folder.Write("main/x.conf", "c = h");

        ShouldMean("include \"x\"", "a=p,b=j,c=h");
    }

    [Fact]
    public void A_json_file_must_be_json()
    {
        _folder.Write("main/x.json", "{\n \"a\": 1 # no\n}");

        var error = Refused("include \"x.json\"");
        (Path.GetFileName(error.Source), error.Line).ShouldBe(("x.json", 2));
        error.Message.ShouldContain("is not JSON");
    }

    [Fact]
    public void An_unknown_extension_is_refused_rather_than_skipped()
    {
        _folder.Write("main/x.yaml", "a: 1");

        Refused("include \"x.yaml\"").Message.ShouldContain("must end in .conf, .json or .properties");
    }

    [Theory]
    [InlineData("include url(\"http://x/y\")", "not supported")]
    [InlineData("include \"http://x/y.conf\"", "Only files can be included")]
    [InlineData("include \"file:///x.conf\"", "Only files can be included")]
    [InlineData("include classpath(\"x.conf\")", "classpath(...) is not supported")]
    [InlineData("include package(\"x.conf\")", "not supported")]
    [InlineData("include required(url(\"http://x\"))", "not supported")]
    [InlineData("include x.conf", "must be followed by a quoted file name")]
    [InlineData("include = 1", "quote \"include\"")]
    [InlineData("include : 1", "quote \"include\"")]
    [InlineData("include { }", "quote \"include\"")]
    [InlineData("include ${x}", "must be followed by a quoted file name")]
    [InlineData("include \"\"", "is empty")]
    [InlineData("include file(\"x\"", "must be closed")]
    [InlineData("include \"x\" \"y\"", "comma, a newline or the end")]
    [InlineData("a = [{ include \"x\" }]", "inside of a list")]
    public void What_cannot_be_included_is_refused(string text, string words) => Refused(text).Message.ShouldContain(words);

    [Theory]
    [InlineData("foo include : 42", "\"foo include\"=42")]
    [InlineData("foo : include", "foo=\"include\"")]
    [InlineData("foo : [include]", "foo=[\"include\"]")]
    [InlineData("\"include\" : 42", "\"include\"=42")]
    [InlineData("includes : 42", "\"includes\"=42")]
    [InlineData("include.x : 42", "\"include\".x=42")]
    public void The_word_include_is_special_only_at_the_start_of_a_key(string text, string expected) =>
        text.ShouldMean(expected);

    [Fact]
    public void A_circle_of_includes_is_refused_with_its_files()
    {
        _folder.Write("main/a.conf", "include \"b\"");
        _folder.Write("main/b.conf", "\ninclude \"a\"");

        var error = Refused("include \"a\"");
        (Path.GetFileName(error.Source), error.Line, error.Column).ShouldBe(("b.conf", 2, 9));
        error.Message.ShouldContain("includes itself");
    }

    [Fact]
    public void Files_that_multiply_are_bounded()
    {
        for (int i = 0; i < 20; i++)
        {
            _folder.Write($"main/f{i}.conf", $"a {{ include \"f{i + 1}.conf\" }}, b {{ include \"f{i + 1}.conf\" }}");
        }

        Refused("include \"f0\"").Message.ShouldContain($"More than {HoconLimits.MaxIncludes} files");
    }

    [Fact]
    public void An_included_file_must_be_an_object_and_its_errors_name_it()
    {
        _folder.Write("main/list.conf", "[1]");
        _folder.Write("main/broken.conf", "a = 1\nb = $");

        Refused("include \"list\"").Message.ShouldContain("list.conf:1:1: ");
        Refused("include \"broken\"").Message.ShouldContain("broken.conf:2:5: ");
    }

    [Fact]
    public void Values_remember_the_file_that_they_came_from()
    {
        _folder.Write("main/x.conf", "\na = one");

        Should.Throw<ConfigException>(() => Load("include \"x\"").GetInt("a"))
            .Message.ShouldMatch("a is the text \"one\" \\(.*x\\.conf:2:5\\), but a whole number .* is wanted\\.");
    }

    [Fact]
    public void Properties_are_text_split_at_every_dot()
    {
        _folder.Write("main/p.properties", """
            # comment
            ! comment
            a.b = hello world 
            a.c:1
            a.d tabbed
            a=lost to the object
            e..f=empty
            long = one \
                   two
            escaped\ key\=x = \u0041\tB\\
            list.0 = x
            list.1 = y
            no.value
            """);

        var config = Load("include \"p.properties\"");
        config.GetString("a.b").ShouldBe("hello world ");
        config.GetInt("a.c").ShouldBe(1);
        config.GetString("a.d").ShouldBe("tabbed");
        config.GetString("e.\"\".f").ShouldBe("empty");
        config.GetString("long").ShouldBe("one two");
        config.GetString("\"escaped key=x\"").ShouldBe("A\tB\\");
        config.GetStringList("list").ShouldBe(["x", "y"]);
        config.GetString("no.value").ShouldBe("");
    }

    [Fact]
    public void A_missing_root_file_is_an_error() =>
        Should.Throw<HoconException>(() => HoconParser.ParseFile(Path.Combine(_folder.Path, "nope.conf")))
            .Message.ShouldContain("no such file");
}
