using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Diagnosis;

/// <summary>How a check ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckOutcome>))]
public enum CheckOutcome
{
    /// <summary>It is as it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works, and could work better or will stop to.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something does not work.</summary>
    [JsonStringEnumMemberName("failure")]
    Failure,

    /// <summary>It was not looked at; what was found says why.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}

/// <summary>One thing that <c>pbm doctor</c> looked at on a host.</summary>
/// <param name="Name">What, in dotted words that stay the same: <c>opencl.loader</c>.</param>
/// <param name="Outcome">How it stands.</param>
/// <param name="Found">What was found.</param>
/// <param name="Expected">What would be right; null where that goes without saying.</param>
/// <param name="Advice">What to do; null where nothing is to be done.</param>
public sealed record HostCheck(
    string Name, CheckOutcome Outcome, string Found, string? Expected = null, string? Advice = null)
{
    /// <summary>It is as it should be.</summary>
    public static HostCheck Ok(string name, string found) => new(name, CheckOutcome.Ok, found);

    /// <summary>It was not looked at, and why.</summary>
    public static HostCheck Skipped(string name, string why) => new(name, CheckOutcome.Skipped, why);

    /// <summary>Something that could be better.</summary>
    public static HostCheck Warning(string name, string found, string? expected, string? advice) =>
        new(name, CheckOutcome.Warning, found, expected, advice);

    /// <summary>Something that does not work.</summary>
    public static HostCheck Failure(string name, string found, string? expected, string? advice) =>
        new(name, CheckOutcome.Failure, found, expected, advice);

    /// <summary>As one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DiagnosisJsonContext.Default.HostCheck);

    /// <summary>Reads such a line; null if it is none.</summary>
    public static HostCheck? TryParse(string line)
    {
        try
        {
            var check = JsonSerializer.Deserialize(line, DiagnosisJsonContext.Default.HostCheck);
            return check is { Name: not null, Found: not null } ? check : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>All that was looked at.</summary>
/// <param name="Ok">Nothing failed.</param>
/// <param name="Checks">In the order in which they were done.</param>
public sealed record HostReport(bool Ok, IReadOnlyList<HostCheck> Checks)
{
    /// <summary>As JSON on several lines.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DiagnosisJsonContext.Default.HostReport);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(HostCheck))]
[JsonSerializable(typeof(HostReport))]
internal sealed partial class DiagnosisJsonContext : JsonSerializerContext;
