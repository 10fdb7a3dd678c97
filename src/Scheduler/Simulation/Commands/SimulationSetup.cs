using System.Globalization;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Runs;
using GpuActors.Scheduler.Simulation.Traces;
using GpuActors.Scheduler.Simulation.Workloads;
using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary>What the options of <c>simulate</c> say is to be simulated.</summary>
/// <param name="Plan">What all runs have in common.</param>
/// <param name="Facts">The same for people.</param>
/// <param name="Notes">What the user should know before.</param>
internal sealed record SimulationSetup(
    RunPlan Plan, IReadOnlyList<(string Label, string Value)> Facts, IReadOnlyList<string> Notes)
{
    private const string ChurnOrder = "churn";
    private const string TimesOrder = "times";
    private const int MaxMoves = 2;
    private const double DefaultMovesPer100Arrivals = 8;

    private static readonly string[] Orders =
        [.. Enum.GetNames<ArrivalOrder>().Select(name => name.ToLowerInvariant()), ChurnOrder, TimesOrder];

    /// <summary>Reads the files and checks what is asked for.</summary>
    /// <exception cref="SimulationInputException">Something is wrong: says what, and what would be right.</exception>
    public static SimulationSetup From(CommandLine line, TimeProvider time)
    {
        var order = OrderOf(line);
        var hosts = HostsOf(line);
        var (tasks, name, unservable) = TasksOf(line, hosts);
        var target = WorkloadTarget.Of(tasks);
        var plan = new RunPlan
        {
            Hosts = hosts,
            Tasks = tasks,
            Target = target,
            Time = time,
            MovesLimit = line.Whole("--moves", 0, 0, MaxMoves),
            Ratio = line.Number("--ratio", ArrivalList.DefaultRatio, 0.01, 9),
        };
        var isTimed = order is ChurnOrder or TimesOrder;
        RefuseOthers(line, order);
        plan = isTimed
            ? plan with
            {
                Timed = TimedOf(line, order, plan),
                MovesPer100Arrivals = line.Number("--moves-per-100", DefaultMovesPer100Arrivals, 0, 1000),
            }
            : plan with
            {
                Order = Enum.Parse<ArrivalOrder>(order, ignoreCase: true),
                RanksHosts = order == Orders[0],
            };
        return new SimulationSetup(plan, FactsOf(plan, name, order, line), NotesOf(unservable, name));
    }

    /// <summary>Hosts that are named by model: what the options say of them.</summary>
    public static HostKinds KindsOf(CommandLine line) => new()
    {
        Models = GpuModels.BuiltIn,
        GpusPerHost = line.Whole("--gpus-per-host", 8, 1, HostSpec.GpuLimit),
        CpusPerHost = line.Has("--cpus-per-host") ? line.Whole("--cpus-per-host", 1, 1, 100_000) : null,
        MemoryBytesPerHost = line.Bytes("--memory-per-host"),
    };

    private static string OrderOf(CommandLine line)
    {
        var fallback = line.Has("--jobs") ? TimesOrder : line.Has("--load") ? ChurnOrder : Orders[0];
        var order = line.Text("--order")?.ToLowerInvariant() ?? fallback;
        return Orders.Contains(order)
            ? order
            : throw CommandLine.Wrong($"--order must be one of {string.Join(", ", Orders)}, not '{order}'.");
    }

    private static IReadOnlyList<HostSpec> HostsOf(CommandLine line) =>
        (line.Text("--nodes"), line.Text("--hosts")) switch
    {
        ({ } file, null) => HostKinds.ReadFile(file),
        (null, { } text) => KindsOf(line).Read(text),
        (null, null) => throw CommandLine.Wrong("Which hosts? Give --nodes FILE, or --hosts COUNTxMODEL,...."),
        _ => throw CommandLine.Wrong("Give either --nodes or --hosts."),
    };

    private static (IReadOnlyList<WorkloadTask> Tasks, string Name, int Unservable) TasksOf(
        CommandLine line, IReadOnlyList<HostSpec> hosts)
    {
        switch (line.Text("--pods"), line.Text("--jobs"))
        {
            case ({ } pods, null):
                return (ReadPods(pods), Path.GetFileName(pods), 0);
            case (null, { } jobs):
                var reader = new JobWorkload(
                    jobs, GpuModels.BuiltIn, new JobDemand(GpuModels.BuiltIn, hosts.Select(host => host.Model)));
                return (reader.Read(), Path.GetFileName(jobs), reader.Unservable);
            case (null, null):
                throw CommandLine.Wrong("Which tasks? Give --pods FILE (CSV), or --jobs FILE (JSON).");
            default:
                throw CommandLine.Wrong("Give either --pods or --jobs.");
        }
    }

    /// <summary>The tasks of a CSV of pods.</summary>
    /// <exception cref="SimulationInputException">It cannot be read, or a line is wrong.</exception>
    public static IReadOnlyList<WorkloadTask> ReadPods(string path) => InputFiles.Read(path, () =>
    {
        var tasks = OpenbTrace.ReadTasks(path);
        return tasks.Count > 0
            ? tasks.Select(WorkloadTask.Of).ToArray()
            : throw new SimulationInputException($"{path} has no task.");
    });

    /// <summary>What the options say of the queue.</summary>
    public static QueuePolicy QueueOf(CommandLine line)
    {
        var queue = new QueuePolicy();
        return queue with { PassLimit = line.Whole("--pass-limit", queue.PassLimit, 0, 1_000_000_000) };
    }

    private static TimedPlan TimedOf(CommandLine line, string order, RunPlan plan)
    {
        var load = line.Number("--load", order == ChurnOrder ? 1.1 : 1, 0.001, 1000);
        var queues = line.Has("--queue") || line.Has("--jobs");
        var queue = QueueOf(line);
        if (order == ChurnOrder)
        {
            var lifetime = line.Seconds("--lifetime") ?? 3600;
            var from = lifetime * line.Number("--warm-up", 2.5, 0, 1000);
            var to = from + (lifetime * line.Number("--lifetimes", 5, 0.01, 10_000));
            return new TimedPlan(
                random => TimedArrivals.Churn(plan.Tasks, plan.CapacityMilli, load, lifetime, to, random),
                from, to, lifetime, queues) { Queue = queue };
        }

        var last = plan.Tasks.Max(task => task.ArrivalSeconds ?? 0) / load;
        var until = line.Seconds("--for")
            ?? (plan.Tasks.Any(task => task.PerHour is not null) ? Math.Max(last, 24 * 3600) : last);

        // What is wrong with the times is told now.
        _ = TimedArrivals.Scheduled(plan.Tasks, load, Math.Min(until, 1), new SeededRandom(0));
        return new TimedPlan(
            random => TimedArrivals.Scheduled(plan.Tasks, load, until, random), 0, Math.Max(until, 1), 3600, queues)
        {
            Queue = queue,
        };
    }

    private static void RefuseOthers(CommandLine line, string order)
    {
        string[] wrong = order switch
        {
            ChurnOrder => ["--ratio", "--for"],
            TimesOrder => ["--ratio", "--lifetime", "--warm-up", "--lifetimes"],
            _ => ["--load", "--queue", "--pass-limit", "--for", "--lifetime", "--warm-up", "--lifetimes", "--moves-per-100"],
        };
        if (wrong.FirstOrDefault(line.Has) is { } option)
        {
            var hint = wrong[0] == "--load" ? ": nothing departs there; take --order churn or times" : "";
            throw CommandLine.Wrong($"{option} does not go with --order {order}{hint}.");
        }
    }

    private static (string Label, string Value)[] FactsOf(RunPlan plan, string name, string order, CommandLine line)
    {
        var gpus = plan.CapacityMilli / ClusterState.WholeMilli;
        var load = plan.Timed is null
            ? Text($"up to {100 * plan.Ratio:0} % of the GPUs")
            : order == ChurnOrder ? Text($"offered {line.Number("--load", 1.1, 0, 1000):0.##} of the GPUs")
            : "at the workload's own times";
        return
        [
            ("Hosts", Text($"{plan.Hosts.Count:N0} with {gpus:N0} GPUs")),
            ("Tasks", Text($"{name}, {plan.Tasks.Count:N0}")),
            ("Arrivals", $"{order}, {load}"),
            ("Rejected tasks", plan.Timed is { Queues: true } ? "wait" : "are dropped"),
            ("Moves per rejected task", double.IsFinite(plan.MovesPer100Arrivals) && plan.MovesLimit > 0
                ? Text($"at most {plan.MovesLimit}, and {plan.MovesPer100Arrivals:0.##} per 100 arrivals")
                : Text($"at most {plan.MovesLimit}")),
        ];
    }

    private static IReadOnlyList<string> NotesOf(int unservable, string name) =>
        unservable == 0 ? [] : [$"{unservable} job(s) of {name} ask for what no host has; they are left out."];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
