using System.Globalization;
using GpuActors.Shared.Api;

namespace GpuActors.Shell.Commands;

/// <summary>Why a job is where it is, or why it waits.</summary>
internal static class JobExplanationView
{
    public static void Write(CommandCall call, JobExplanation explanation)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(explanation);
            return;
        }

        call.Results.WriteDetails(
            ("Job", explanation.Id),
            ("State", explanation.State.ToString()),
            ("Summary", explanation.Summary),
            ("Slices", string.Join('\n', explanation.Slices.Select(slice => slice.Slice))),
            ("Chosen", explanation.Choice is { } choice ? Chosen(choice) : null),
            ("Refused by", Refusals(explanation)),
            ("Would help", string.Join('\n', explanation.Help)));
    }

    /// <summary>Only what keeps something waiting, and what would help.</summary>
    public static void WriteHelp(CommandCall call, JobExplanation explanation) => call.Results.WriteDetails(
        ("Refused by", Refusals(explanation)),
        ("Would help", string.Join('\n', explanation.Help)));

    private static string Refusals(JobExplanation explanation) =>
        string.Join('\n', explanation.Reasons.Select(reason => $"{reason.Count} {reason.What}"));

    private static string Chosen(PlacementChoice choice)
    {
        var next = choice.NextHost is { } host ? $"next best: {host} with {Number(choice.NextScore)}" : "no other host had room";
        return $"{choice.Host} by {choice.Policy} with a score of {Number(choice.Score)}; {next}; "
            + $"{choice.HostsWithRoom} host(s) had room";
    }

    private static string Number(double? score) => string.Create(CultureInfo.InvariantCulture, $"{score:0.###}");
}
