using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Simulation.Runs;
using GpuActors.Scheduler.Simulation.Sizing;
using GpuActors.Scheduler.Simulation.Workloads;
using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary><c>pbm size</c>: hosts for a load, or the load for hosts.</summary>
internal sealed class SizeCommand
{
    private const double DefaultJobs = 4000;
    private const int MaxSeeds = 1000;

    private readonly CommandContext _context;
    private readonly CommandLine _line;
    private readonly HostKinds _kinds;
    private readonly string _workload;
    private readonly ServiceGoal _goal;
    private readonly string _policy;
    private readonly long[] _seeds;
    private readonly int _threads;
    private readonly double _load;

    private SizeCommand(CommandContext context)
    {
        (_context, _line) = (context, context.Line);
        _kinds = SimulationSetup.KindsOf(_line);
        _workload = _line.Text("--workload")
            ?? throw CommandLine.Wrong("Which jobs? Give --workload FILE: JSON of job documents, or an openb CSV.");
        _goal = new ServiceGoal(_line.Seconds("--wait") ?? 30, _line.Seconds("--wait-p95"));
        _policy = SimulateCommand.Known(_line.Text("--policy") ?? SimulateCommand.DefaultPolicy);
        var first = _line.Whole("--first-seed", 42, 0, int.MaxValue - MaxSeeds);
        _seeds = [.. Enumerable.Range(first, _line.Whole("--seeds", 5, 1, MaxSeeds)).Select(seed => (long)seed)];
        _threads = SimulateCommand.Threads(_line);
        _load = _line.Number("--load", 1, 0.000001, 1_000_000);
    }

    public static int Run(CommandContext context)
    {
        var command = new SizeCommand(context);
        var results = context.Line.Text("--hosts") is { } hosts
            ? [command.ForHosts(hosts)]
            : command.Models().Select(command.ForModel).ToArray();
        var report = new SizingReport(results, command._goal, command._seeds.Length);
        if (context.Line.Json)
        {
            foreach (var json in report.JsonLines())
            {
                context.Output.WriteLine(json);
            }
        }
        else
        {
            context.Output.Write(report.Table().Render());
            foreach (var sentence in report.Sentences())
            {
                context.Output.WriteLine(sentence);
            }
        }

        return 0;
    }

    private IReadOnlyList<string> Models()
    {
        var models = _line.Texts("--model");
        return models.Count > 0 ? models : throw CommandLine.Wrong(
            "For which hosts? Give --model NAME to find how many, or --hosts COUNTxMODEL,... to find what they serve.");
    }

    /// <summary>Bottom-up.</summary>
    private SizingResult ForModel(string name)
    {
        var kind = _kinds.HostOf(NameOf(name));
        var (trial, leftOut) = TrialOn([kind]);
        var limit = _line.Whole("--max-hosts", 10_000, 1, 1_000_000);
        var search = new SizingSearch(trial, _goal, _seeds);
        var found = Sweep(
            $"hosts with {kind.Model}", progress => search.HostsForEachSeed(kind, _load, limit, progress));
        var result = new SizingResult(kind.Model, kind.GpuCount, null, null, trial.JobsPerHour * _load, leftOut);
        if (found.Any(count => count is null))
        {
            return result with { Limit = limit };
        }

        var answer = found.Max()!.Value;
        var seen = Confirm(search, [.. Enumerable.Repeat(kind, (int)answer)], _load);
        return result with { Hosts = (int)answer, Answer = SizingSearch.Answer(found, answer, seen) };
    }

    /// <summary>Top-down.</summary>
    private SizingResult ForHosts(string text)
    {
        if (_line.Has("--model"))
        {
            throw CommandLine.Wrong("Give either --model or --hosts.");
        }

        var hosts = File.Exists(text) ? HostKinds.ReadFile(text) : _kinds.Read(text);
        var (trial, leftOut) = TrialOn(hosts);
        var search = new SizingSearch(trial, _goal, _seeds);
        var found = Sweep($"load for {hosts.Count} hosts", progress => search.LoadForEachSeed(hosts, progress));
        var gpus = hosts.Sum(host => host.GpuCount);
        var result = new SizingResult(text, gpus / (double)hosts.Count, hosts.Count, null, trial.JobsPerHour, leftOut);
        if (found.Any(load => load is null))
        {
            return result with { Load = 0 };
        }

        var load = found.Min()!.Value;
        var seen = Confirm(search, hosts, load);
        return result with
        {
            Load = load,
            JobsPerHour = trial.JobsPerHour * load,
            Answer = SizingSearch.Answer(found, load, seen),
        };
    }

    private double?[] Sweep(string name, Func<RunProgress, IEnumerable<Func<CancellationToken, double?>>> work)
    {
        var progress = new RunProgress(name, _seeds.Length);
        return _context.Progress.During([progress], () => RunSweep.Run([.. work(progress)], _threads, _context.Ending));
    }

    private ServiceFigures[] Confirm(SizingSearch search, IReadOnlyList<HostSpec> hosts, double load) =>
        RunSweep.Run([.. search.Confirm(hosts, load)], _threads, _context.Ending);

    private (ServiceTrial Trial, int LeftOut) TrialOn(IReadOnlyList<HostSpec> hosts)
    {
        var leftOut = 0;
        IReadOnlyList<WorkloadTask> tasks;
        if (IsCsv(_workload))
        {
            var all = SimulationSetup.ReadPods(_workload);
            tasks = [.. all.Where(task => hosts.Any(host => FitsEmpty(task, host)))];
            leftOut = all.Count - tasks.Count;
            if (tasks.Any(task => task.ArrivalSeconds is null || task.DurationSeconds is null))
            {
                throw CommandLine.Wrong(
                    $"{_workload} has tasks without creation_time or deletion_time; sizing needs both.");
            }
        }
        else
        {
            var demand = new JobDemand(_kinds.Models, hosts.Select(host => host.Model));
            var reader = new JobWorkload(_workload, _kinds.Models, demand);
            var all = reader.Read();
            tasks = [.. all.Where(task => hosts.Any(host => FitsEmpty(task, host)))];
            leftOut = reader.Unservable + all.Count - tasks.Count;
        }

        return tasks.Count == 0
            ? throw CommandLine.Wrong($"No job of {_workload} could run on these hosts, even if they were empty.")
            : (TrialOf(tasks), leftOut);
    }

    private ServiceTrial TrialOf(IReadOnlyList<WorkloadTask> tasks) => new(
        tasks, _policy, _line.Seconds("--for"), DefaultJobs, _context.Time, SimulationSetup.QueueOf(_line));

    private static bool FitsEmpty(WorkloadTask task, HostSpec host) =>
        task.Request.CpuMilli <= host.CpuMilli && task.Request.HostMemoryMib <= host.MemoryMib
        && task.Request.GpuCount <= host.GpuCount && task.Request.Models.Contains(host.Model);

    /// <summary>A trace has its own names of models: one that is not known is taken as it is.</summary>
    private string NameOf(string name) =>
        IsCsv(_workload) && !_kinds.IsKnown(name) ? name : _kinds.ModelNamed(name).Name;

    private static bool IsCsv(string path) =>
        path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);
}
