namespace GpuActors.Shared.Simulation;

/// <summary>
/// The commands that run the simulator, <c>pbm simulate</c> and <c>pbm size</c>; docs/simulator.md tells more.
/// </summary>
public static class SimulationCommands
{
    /// <summary>Replays a trace through placement and queueing.</summary>
    public static CommandDescription Simulate { get; } = new(
        "simulate",
        "Replay a trace of tasks through the scheduler's own placement and queue, many seeds at a time.",
        [
            new("--nodes", "FILE", "Hosts: a CSV of the openb format, also gzipped."),
            new("--hosts", "HOSTS", "Hosts instead of --nodes: COUNTxMODEL,... such as 8xH100-SXM5-80GB."),
            new("--pods", "FILE", "Tasks: a CSV of the openb format, also gzipped."),
            new("--jobs", "FILE", "Tasks instead of --pods: JSON of job documents with arrivals and durations."),
            new("--policies", "NAME", "Policies, with commas or blanks between, or 'all'; default: default.", true),
            new("--seeds", "N", "How many seeds; default 10."),
            new("--first-seed", "N", "The first seed; default 42."),
            new("--order", "ORDER", "Of arrivals: shuffled (default), file, cycled; with departures churn or times."),
            new("--ratio", "X", "Where nothing departs: demand of all arrivals, a multiple of the GPUs; default 1.3."),
            new("--load", "X", "With departures: the offered GPU load; default 1.1. Implies --order churn."),
            new("--lifetime", "TIME", "With churn: the mean lifetime; default 1h."),
            new("--warm-up", "X", "With churn: mean lifetimes before measuring; default 2.5."),
            new("--lifetimes", "X", "With churn: mean lifetimes that are measured; default 5."),
            new("--for", "TIME", "With times: how long jobs arrive that come at a rate; default 24h."),
            new("--queue", null, "With departures: rejected tasks wait in the queue instead of being dropped."),
            new("--pass-limit", "N", "With a queue: how often others pass the first that finds no room; default 100."),
            new("--moves", "K", "Moves that a rejected task may cause, 0 to 2; default 0."),
            new("--moves-per-100", "N", "With departures: the most moves for each 100 arrivals; default 8."),
            .. HostOptions,
            new("--threads", "N", "Runs at a time; default: as many as there are cores."),
            new("--csv", "FILE", "Write every level of arrived demand as CSV."),
            new("--html", "FILE", "Write a page with charts that needs nothing else."),
        ]);

    /// <summary>Finds how many hosts a mix of jobs needs, or what given hosts can serve.</summary>
    public static CommandDescription Size { get; } = new(
        "size",
        "Find by simulation how many hosts a mix of jobs needs at a wanted waiting time, or what hosts can serve.",
        [
            new("--workload", "FILE", "The mix: JSON of job documents with rates and durations, or a CSV with times."),
            new("--model", "NAME", "GPU models to size for, each alone; needed unless --hosts is there.", IsMany: true),
            new("--hosts", "HOSTS", "Size the load for these instead: COUNTxMODEL,... or an openb CSV of nodes."),
            new("--wait", "TIME", "The mean waiting time wanted at most; default 30s."),
            new("--wait-p95", "TIME", "The waiting time that 95 % of the jobs may have at most; default: any."),
            new("--policy", "NAME", "The placement policy; default: default."),
            new("--seeds", "N", "How many seeds; default 5."),
            new("--first-seed", "N", "The first seed; default 42."),
            new("--load", "X", "Multiplies all rates; default 1."),
            new("--for", "TIME", "Simulated time that is measured; default: what 4,000 jobs take to arrive."),
            new("--pass-limit", "N", "How often others pass the first that finds no room; default 100."),
            new("--max-hosts", "N", "No more hosts than that are tried; default 10000."),
            .. HostOptions,
            new("--threads", "N", "Runs at a time; default: as many as there are cores."),
        ]);

    private static OptionDescription[] HostOptions =>
    [
        new("--gpus-per-host", "N", "GPUs of a host that is named by its model; default 8."),
        new("--cpus-per-host", "N", "Its CPU cores; default 16 for each GPU."),
        new("--memory-per-host", "SIZE", "Its memory; default 256GiB for each GPU."),
    ];
}
