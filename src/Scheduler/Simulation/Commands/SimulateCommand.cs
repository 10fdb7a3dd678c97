using System.Globalization;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Simulation.Report;
using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary><c>pbm simulate</c>.</summary>
internal static class SimulateCommand
{
    private const string AllPolicies = "all";
    private const int MaxSeeds = 10_000;
    private const int MaxThreads = 1024;

    /// <summary>The policy of who names none.</summary>
    public const string DefaultPolicy = "default";

    public static int Run(CommandContext context)
    {
        var line = context.Line;
        var policies = Policies(line);
        var setup = SimulationSetup.From(line, context.Time);
        var seeds = line.Whole("--seeds", 10, 1, MaxSeeds);
        var first = line.Whole("--first-seed", 42, 0, int.MaxValue - MaxSeeds);
        foreach (var file in new[] { line.Text("--csv"), line.Text("--html") })
        {
            RequireFolder(file);
        }

        foreach (var note in setup.Notes)
        {
            context.Error.WriteLine(note);
        }

        var reports = Sweep(context, setup.Plan, policies, first, seeds, Threads(line));
        var report = new SimulationReport
        {
            Facts = [.. setup.Facts, ("Seeds", Numbers($"{seeds}, from {first}"))],
            Scale = setup.Plan.Timed is null ? ReportScale.ArrivedDemand : ReportScale.Time,
            Policies = reports,
        };
        Write(context, report);
        return 0;
    }

    /// <summary>Runs at a time.</summary>
    public static int Threads(CommandLine line) => line.Whole("--threads", Environment.ProcessorCount, 1, MaxThreads);

    /// <summary>The name, if there is such a policy.</summary>
    public static string Known(string policy) => PlacementPolicies.Names.Contains(policy) ? policy
        : throw CommandLine.Wrong(
            $"There is no placement policy '{policy}'; there are {string.Join(", ", PlacementPolicies.Names)}.");

    private static PolicyReport[] Sweep(
        CommandContext context, RunPlan plan, IReadOnlyList<string> policies, int first, int seeds, int threads)
    {
        var wantsHeat = context.Line.Has("--html");
        var progress = policies.Select(policy => new RunProgress(policy, seeds)).ToArray();
        var work = progress.SelectMany(policy => Enumerable.Range(first, seeds).Select(seed =>
            (Func<CancellationToken, RunResult>)(token =>
                plan.Run(policy.Name, seed, policy.Begin(token), wantsHeat && seed == first)))).ToArray();
        var results = context.Progress.During(progress, () => RunSweep.Run(work, threads, context.Ending));
        return [.. results.Chunk(seeds).Select(PolicyReport.Of)];
    }

    private static void Write(CommandContext context, SimulationReport report)
    {
        if (context.Line.Json)
        {
            foreach (var json in JsonLines.Of(report))
            {
                context.Output.WriteLine(json);
            }
        }
        else
        {
            context.Output.Write(ReportTables.Figures(report).Render());
            if (ReportTables.Waiting(report) is { } waiting)
            {
                context.Output.WriteLine();
                context.Output.Write(waiting.Render());
            }
        }

        WriteFile(context, "--csv", () => CsvReport.Render(report));
        WriteFile(context, "--html", () => HtmlReport.Render(report));
    }

    private static void WriteFile(CommandContext context, string option, Func<string> text)
    {
        if (context.Line.Text(option) is { } file)
        {
            // It appears only when it is whole.
            File.WriteAllText(file + ".part", text());
            File.Move(file + ".part", file, overwrite: true);
            context.Error.WriteLine($"{file} is written.");
        }
    }

    /// <summary>Said before minutes of work rather than after.</summary>
    private static void RequireFolder(string? file)
    {
        if (file is not null && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder
            && !Directory.Exists(folder))
        {
            throw CommandLine.Wrong($"{file} cannot be written: there is no folder {folder}.");
        }
    }

    private static IReadOnlyList<string> Policies(CommandLine line)
    {
        var named = line.Has("--policies") ? line.Texts("--policies") : [DefaultPolicy];
        return named.Contains(AllPolicies)
            ? [.. PlacementPolicies.Names.OrderBy(name => name == DefaultPolicy ? 0 : 1)]
            : [.. named.Select(Known).Distinct()];
    }

    private static string Numbers(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
