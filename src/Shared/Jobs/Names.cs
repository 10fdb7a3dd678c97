using System.Text.RegularExpressions;

namespace GpuActors.Shared.Jobs;

/// <summary>What names in a job document look like. The JSON Schema has the same patterns.</summary>
public static partial class Names
{
    /// <summary>A job's id, and a tenant: 1 to 100 of <c>A-Z a-z 0-9 . _ -</c>, not <c>.</c> or <c>..</c>.</summary>
    public static bool IsId(string text) => IdPattern().IsMatch(text);

    /// <summary>The name of a program, input, buffer, image, output, or pool.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text);

    /// <summary>The name of a constant, counter or kernel: an identifier of C.</summary>
    public static bool IsIdentifier(string text) => IdentifierPattern().IsMatch(text);

    /// <summary>The key of a label.</summary>
    public static bool IsLabel(string text) => LabelPattern().IsMatch(text);

    /// <summary>
    /// A label with its value, <c>KEY=VALUE</c>: the key as <see cref="IsLabel"/> has it, of the value at most
    /// <see cref="JobLimits.LabelLength"/> characters.
    /// </summary>
    public static bool IsKeyAndValue(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var end && IsLabel(text[..end])
        && text.Length - end - 1 <= JobLimits.LabelLength && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>A SHA-256 in lower-case hexadecimal.</summary>
    public static bool IsSha256(string text) => Sha256Pattern().IsMatch(text);

    /// <summary>A pattern for models.</summary>
    internal static bool IsModelPattern(string text) => ModelPattern().IsMatch(text);

    /// <summary>The name of a slice's profile.</summary>
    internal static bool IsProfile(string text) => ProfilePattern().IsMatch(text);

    /// <summary>A version of two numbers.</summary>
    internal static bool IsVersion(string text) => VersionPattern().IsMatch(text);

    /// <summary>A driver's version of up to four numbers.</summary>
    internal static bool IsDriverVersion(string text) => DriverVersionPattern().IsMatch(text);

    /// <summary>A media type such as <c>text/plain; charset=utf-8</c>.</summary>
    internal static bool IsMediaType(string text) => MediaTypePattern().IsMatch(text);

    /// <summary>Identifiers that mean something in expressions.</summary>
    internal static bool IsReserved(string identifier) => identifier is "min" or "max" or "sizeof";

    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,63}\z")]
    private static partial Regex IdentifierPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Sha256Pattern();

    [GeneratedRegex(@"^[A-Za-z0-9 *._()/+@,:&-]{1,100}\z")]
    private static partial Regex ModelPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}\z")]
    private static partial Regex ProfilePattern();

    [GeneratedRegex(@"^[0-9]{1,3}\.[0-9]{1,3}\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}\z")]
    private static partial Regex DriverVersionPattern();

    [GeneratedRegex(@"^[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(;[ -~]{0,100})?\z")]
    private static partial Regex MediaTypePattern();
}
