using System.Globalization;
using GpuActors.Samples.Digits;
using GpuActors.Shared.Api;
using Spectre.Console;

namespace GpuActors.Samples.Demo;

/// <summary>Shows the demonstration: bars and colours on a terminal, plain lines elsewhere.</summary>
internal abstract class DemoView
{
    /// <summary>A block of a plain bar stands for so much.</summary>
    private const double PercentOfBlock = 4;

    /// <summary>The view that suits the standard output.</summary>
    public static DemoView Create() => Console.IsOutputRedirected ? new PlainView() : new TerminalView();

    /// <summary>One line.</summary>
    public abstract void Say(string text);

    /// <summary>The hosts and their GPUs.</summary>
    public abstract void ShowHosts(IReadOnlyList<HostStatus> hosts);

    /// <summary>A job's way until its last event.</summary>
    public abstract Task FollowAsync(string title, IAsyncEnumerable<JobEvent> events);

    /// <summary>How a GPU's time is shared, look after look.</summary>
    public abstract Task FollowSharesAsync(IAsyncEnumerable<SharesLook> looks);

    /// <summary>The memory line of a GPU and who is on it.</summary>
    public abstract void ShowLayout(GpuStatus gpu);

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

    private static string TenantOf(SliceStatus slice) => slice.Session[..slice.Session.IndexOf('/')];

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

        public override async Task FollowSharesAsync(IAsyncEnumerable<SharesLook> looks)
        {
            await foreach (var look in looks)
            {
                Say($"  {look.At.TotalSeconds,5:0.0} s  {string.Join("  ", look.Shares.Select(Bar))}");
            }

            static string Bar(TenantShare share) =>
                $"{share.Tenant} {new string('█', (int)Math.Round(share.Percent / PercentOfBlock))} {share.Percent:0} %";
        }

        public override void ShowLayout(GpuStatus gpu)
        {
            foreach (var slice in gpu.Slices.OrderBy(slice => slice.Start))
            {
                Say($"  units {slice.Start} to {slice.Start + slice.Size - 1} of {gpu.Line}: {slice.Profile}, "
                    + $"{slice.ComputeUnits} compute units, {slice.MemoryBytes >> 20} MiB: {slice.Session}");
            }
        }
    }

    private sealed class TerminalView : DemoView
    {
        private static readonly Color[] Palette = [Color.SteelBlue1, Color.Gold1, Color.Salmon1];

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

        public override Task FollowSharesAsync(IAsyncEnumerable<SharesLook> looks) =>
            AnsiConsole.Live(new Text("")).StartAsync(async live =>
            {
                await foreach (var look in looks)
                {
                    live.UpdateTarget(ChartOf(look));
                }
            });

        public override void ShowLayout(GpuStatus gpu)
        {
            var table = new Table().RoundedBorder().AddColumns("units", "profile", "compute units", "memory", "tenant", "job");
            foreach (var slice in gpu.Slices.OrderBy(slice => slice.Start))
            {
                var tenant = TenantOf(slice);
                table.AddRow(
                    $"{slice.Start} to {slice.Start + slice.Size - 1} of {gpu.Line}", slice.Profile ?? "",
                    $"{slice.ComputeUnits}", $"{slice.MemoryBytes >> 20} MiB", tenant, slice.Session[(tenant.Length + 1)..]);
            }

            AnsiConsole.Write(table);
        }

        private static BarChart ChartOf(SharesLook look)
        {
            var chart = new BarChart().WithMaxValue(100)
                .Label($"{look.At.TotalSeconds:0.0} s: percent of the GPU's busy time").LeftAlignLabel();
            for (var i = 0; i < look.Shares.Count; i++)
            {
                var share = look.Shares[i];
                chart.AddItem(
                    $"{share.Tenant} ({share.Level.ToString().ToLowerInvariant()})", Math.Round(share.Percent, 1),
                    Palette[i % Palette.Length]);
            }

            return chart;
        }
    }
}
