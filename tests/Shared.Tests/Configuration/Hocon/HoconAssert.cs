using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>Short words for what the tests of the language say.</summary>
internal static class HoconAssert
{
    /// <summary>Resolves without any environment variable.</summary>
    public static Config Resolve(string text) => ConfigurationFactory.ParseString(text, environment: _ => null);

    /// <summary>Both texts mean the same values.</summary>
    public static void ShouldMean(this string text, string expected)
    {
        var actual = Resolve(text).Root;
        actual.SameAs(Resolve(expected).Root).ShouldBeTrue($"{text}\nmeans\n{HoconRenderer.Render(actual)}");
    }

    /// <summary>The text is refused at a place, with words that help.</summary>
    public static HoconException ShouldBeRefused(this string text, int line, int column, string words)
    {
        var error = Should.Throw<HoconException>(() => Resolve(text));
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
        error.Message.ShouldContain(words);
        return error;
    }
}
