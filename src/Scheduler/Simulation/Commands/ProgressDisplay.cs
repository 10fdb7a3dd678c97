using System.Globalization;
using GpuActors.Scheduler.Simulation.Runs;
using Spectre.Console;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary>
/// Shows progress on standard error while something runs: bars on a terminal, a line now and then elsewhere.
/// </summary>
internal sealed class ProgressDisplay(TextWriter error, bool isTerminal, TimeProvider time)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="work"/> with a display of what it reports.</summary>
    public T During<T>(IReadOnlyList<RunProgress> progress, Func<T> work) =>
        isTerminal ? WithBars(progress, work) : WithLines(progress, work);

    private T WithBars<T>(IReadOnlyList<RunProgress> progress, Func<T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress().AutoClear(true).Start(context =>
        {
            var bars = progress
                .Select(p => (Progress: p, Bar: context.AddTask(Markup.Escape(p.Name), maxValue: 1))).ToArray();
            using var timer = time.CreateTimer(
                _ => Array.ForEach(bars, bar => bar.Bar.Value = bar.Progress.Done), null, BarInterval, BarInterval);
            return work();
        });
    }

    private T WithLines<T>(IReadOnlyList<RunProgress> progress, Func<T> work)
    {
        using var timer = time.CreateTimer(_ => WriteLine(progress), null, LineInterval, LineInterval);
        return work();
    }

    private void WriteLine(IReadOnlyList<RunProgress> progress)
    {
        var parts = progress.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {100 * p.Done:0} %"));
        error.WriteLine($"simulating: {string.Join(", ", parts)}");
    }
}
