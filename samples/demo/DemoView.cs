using System.Globalization;
using GpuActors.Samples.Digits;
using GpuActors.Shared.Api;
using Spectre.Console;

namespace GpuActors.Samples.Demo;

/// <summary>Shows the demonstration: bars and colours on a terminal, plain lines elsewhere.</summary>
internal abstract class DemoView
{
    /// <summary>The view that suits the standard output.</summary>
    public static DemoView Create() => Console.IsOutputRedirected ? new PlainView() : new TerminalView();

    /// <summary>One line.</summary>
    public abstract void Say(string text);

    /// <summary>The hosts and their GPUs.</summary>
    public abstract void ShowHosts(IReadOnlyList<HostStatus> hosts);

    /// <summary>A job's way until its last event.</summary>
    public abstract Task FollowAsync(string title, IAsyncEnumerable<JobEvent> events);

    /// <summary>The loss over the epochs, and the accuracy on digits that were held out.</summary>
    public void ShowTraining(DigitsResult result, JobStatus status, double wanted)
    {
        Say($"Loss by epoch: {Curve(result.Loss)}  {Number(result.Loss[0])} -> {Number(result.Loss[^1])}");
        var verdict = result.HeldOutAccuracy >= wanted ? "as wanted" : "too low";
        Say($"Held-out accuracy: {result.HeldOutAccuracy.ToString("P1", CultureInfo.InvariantCulture)} "
            + $"({verdict}: at least {wanted.ToString("P0", CultureInfo.InvariantCulture)}), attempt {status.Attempt}");
    }

    /// <summary>How a state event reads in one line.</summary>
    protected static string Describe(JobStateEvent state)
    {
        var where = state.Slices.Count > 0 ? $" on {string.Join(", ", state.Slices.Select(s => s.Slice))}" : "";
        return $"{state.State}{where}{(state.Reason is null ? "" : $": {state.Reason}")}";
    }

    private static string Number(float value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Curve(float[] values)
    {
        const string levels = "▁▂▃▄▅▆▇█";
        const int columns = 60;
        var (low, high) = (values.Min(), values.Max());
        var shown = Enumerable.Range(0, Math.Min(columns, values.Length))
            .Select(column => values[column * values.Length / Math.Min(columns, values.Length)]);
        return string.Concat(shown.Select(value =>
            levels[(int)((levels.Length - 1) * (high > low ? (value - low) / (high - low) : 0))]));
    }

    private sealed class PlainView : DemoView
    {
        public override void Say(string text) => Console.WriteLine(text);

        public override void ShowHosts(IReadOnlyList<HostStatus> hosts)
        {
            foreach (var gpu in hosts.SelectMany(host => host.Gpus))
            {
                Say($"GPU {gpu.Id}: {gpu.Model}, {gpu.MemoryTotalBytes >> 20} MiB");
            }
        }

        public override async Task FollowAsync(string title, IAsyncEnumerable<JobEvent> events)
        {
            Say(title);
            var shown = 0L;
            await foreach (var happened in events)
            {
                if (happened is JobStateEvent state)
                {
                    Say($"  {Describe(state)}");
                }
                else if (happened is JobProgressEvent { Progress: { StepsTotal: > 0 } progress }
                    && progress.StepsDone * 10 / progress.StepsTotal is var tenth && tenth > shown)
                {
                    shown = tenth;
                    Say($"  {tenth * 10} % ({progress.StepsDone} of {progress.StepsTotal} steps)");
                }
            }
        }
    }

    private sealed class TerminalView : DemoView
    {
        public override void Say(string text) => AnsiConsole.MarkupLineInterpolated($"[grey]●[/] {text}");

        public override void ShowHosts(IReadOnlyList<HostStatus> hosts)
        {
            var table = new Table().RoundedBorder().AddColumns("GPU", "model", "memory", "host");
            foreach (var host in hosts)
            {
                foreach (var gpu in host.Gpus)
                {
                    table.AddRow(gpu.Id, gpu.Model, $"{gpu.MemoryTotalBytes >> 20} MiB", host.State.ToString());
                }
            }

            AnsiConsole.Write(table);
        }

        public override Task FollowAsync(string title, IAsyncEnumerable<JobEvent> events) => AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(Markup.Escape(title));
                await foreach (var happened in events)
                {
                    if (happened is JobStateEvent state)
                    {
                        bar.Description = Markup.Escape($"{title} ({Describe(state)})");
                        bar.Value = state.State == JobState.Completed ? bar.MaxValue : bar.Value;
                    }
                    else if (happened is JobProgressEvent { Progress.StepsTotal: > 0 } done)
                    {
                        bar.Value = bar.MaxValue * done.Progress.StepsDone / done.Progress.StepsTotal;
                    }
                }
            });
    }
}
