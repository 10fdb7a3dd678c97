using System.Globalization;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Commands;
using Spectre.Console;

namespace GpuActors.Shell.Doctor;

/// <summary>Collects checks, and shows each as soon as it is done.</summary>
internal sealed class CheckList(CommandCall call)
{
    private const int OutcomeWidth = 8;
    private const int NameWidth = 20;

    private readonly List<HostCheck> _checks = [];

    /// <summary>One more.</summary>
    public void Add(HostCheck check)
    {
        _checks.Add(check);
        if (!call.Results.Json)
        {
            Write(check);
        }
    }

    /// <summary>Several more.</summary>
    public void Add(IEnumerable<HostCheck> checks)
    {
        foreach (var check in checks)
        {
            Add(check);
        }
    }

    /// <summary>Says what is being looked at, where somebody waits for it.</summary>
    public void Progress(string text) => call.Environment.Error.WriteLine($"pbm: {text} …");

    /// <summary>The end of the list, and the exit code.</summary>
    public int Finish()
    {
        var failed = _checks.Exists(check => check.Outcome == CheckOutcome.Failure);
        if (call.Results.Json)
        {
            call.Results.WriteLine(new HostReport(!failed, _checks).ToJson());
        }
        else
        {
            int Count(CheckOutcome outcome) => _checks.Count(check => check.Outcome == outcome);
            call.Results.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Count(CheckOutcome.Ok)} ok, {Count(CheckOutcome.Warning)} warnings, {Count(CheckOutcome.Failure)} failures, {Count(CheckOutcome.Skipped)} skipped"));
        }

        return failed ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private void Write(HostCheck check)
    {
        var word = check.Outcome.ToString().ToLowerInvariant().PadRight(OutcomeWidth);
        if (call.Results.Drawn)
        {
            call.Environment.Drawing.Write(new Text(word, StyleOf(check.Outcome)));
            call.Environment.Out.Flush();
        }
        else
        {
            call.Environment.Out.Write(word);
        }

        call.Results.WriteLine($" {check.Name.PadRight(NameWidth)} {Line(check.Found)}");
        var indent = new string(' ', OutcomeWidth + 1);
        if (check.Expected is { } expected)
        {
            call.Results.WriteLine($"{indent} should be: {expected}");
        }

        if (check.Advice is { } advice)
        {
            call.Results.WriteLine($"{indent} to do: {advice}");
        }
    }

    private static string Line(string text) => text.ReplaceLineEndings(" ");

    private static Style StyleOf(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Ok => new Style(Color.Green),
        CheckOutcome.Warning => new Style(Color.Yellow),
        CheckOutcome.Failure => new Style(Color.Red),
        _ => new Style(Color.Grey),
    };
}
