using System.Text.Json.Nodes;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary>An event on one line.</summary>
internal static class EventLine
{
    public static string ToText(JobEvent happened) => $"{Words.Time(happened.At)} {Describe(happened)}";

    /// <summary>The event's data with its number and kind, so that one line is a whole event.</summary>
    public static string ToJson(JobEvent happened)
    {
        var line = new JsonObject { ["sequence"] = happened.Sequence, ["event"] = happened.Kind };
        foreach (var (name, value) in JsonNode.Parse(happened.ToData())!.AsObject())
        {
            line[name] = value?.DeepClone();
        }

        return line.ToJsonString();
    }

    public static string Describe(JobEvent happened) => happened switch
    {
        JobStateEvent state => Describe(state),
        JobProgressEvent progress => $"steps {Words.Progress(progress.Progress)}",
        JobLogEvent { Step: { } step } log => $"{step}: {OneLine(log.Text)}",
        JobLogEvent log => OneLine(log.Text),
        _ => happened.Kind,
    };

    private static string Describe(JobStateEvent state)
    {
        string where = state.Slices.Count > 0 ? $" on {string.Join(' ', state.Slices.Select(s => s.Slice))}" : "";
        string attempt = state.Attempt > 1 ? $" (attempt {state.Attempt})" : "";
        string? why = state.Error?.Message ?? state.Reason;
        return $"{state.State}{where}{attempt}{(why is null ? "" : $": {OneLine(why)}")}";
    }

    private static string OneLine(string text) => text.TrimEnd().ReplaceLineEndings(" | ");
}
