using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>A task that runs, and when it is over at the latest, in seconds; infinite if nobody can say.</summary>
internal readonly record struct LimitedTask(PlacedTask Placed, double EndsBy);

/// <summary>
/// When and where a task that finds no room will surely be able to begin: each host gives back what its tasks have in
/// the order in which their time limits end, until the task fits. Pure.
/// </summary>
internal static class HeadStart
{
    /// <summary>The host where that is soonest, the lowest among equals; null if nobody can say.</summary>
    /// <param name="hosts">The hosts by their numbers, empty.</param>
    /// <param name="running">What runs on them.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="isKept">Hosts that are kept for others.</param>
    public static (int Host, double Seconds)? Of(
        IReadOnlyList<HostSpec> hosts,
        IEnumerable<LimitedTask> running,
        PlacementRequest request,
        Func<int, bool> isKept)
    {
        var byHost = running.ToLookup(task => task.Placed.Host);
        (int Host, double Seconds)? soonest = null;
        for (var host = 0; host < hosts.Count; host++)
        {
            if (isKept(host) || !request.Models.Contains(hosts[host].Model) || hosts[host].GpuCount < request.GpuCount)
            {
                continue;
            }

            var at = StartOn(hosts[host], [.. byHost[host].OrderBy(task => task.EndsBy)], request);
            if (at < (soonest?.Seconds ?? double.PositiveInfinity))
            {
                soonest = (host, at);
            }
        }

        return soonest;
    }

    private static double StartOn(HostSpec host, LimitedTask[] tasks, PlacementRequest request)
    {
        var cpu = host.CpuMilli - tasks.Sum(task => task.Placed.CpuMilli);
        var memory = host.MemoryMib - tasks.Sum(task => task.Placed.HostMemoryMib);
        var free = new int[host.GpuCount];
        Array.Fill(free, ClusterState.WholeMilli);
        Array.ForEach(tasks, task => Give(free, task.Placed, -1));
        foreach (var task in tasks)
        {
            cpu += task.Placed.CpuMilli;
            memory += task.Placed.HostMemoryMib;
            Give(free, task.Placed, 1);
            if (cpu >= request.CpuMilli && memory >= request.HostMemoryMib
                && free.Count(milli => milli >= request.GpuMilli) >= request.GpuCount)
            {
                return task.EndsBy;
            }
        }

        return double.PositiveInfinity;
    }

    private static void Give(int[] free, in PlacedTask placed, int sign)
    {
        for (var device = 0; device < free.Length; device++)
        {
            free[device] += sign * (int)(placed.Devices >> device & 1) * placed.GpuMilli;
        }
    }
}
