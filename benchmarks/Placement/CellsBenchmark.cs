using System.Diagnostics;
using GpuActors.Benchmarks.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Benchmarks.Placement;

/// <summary>
/// A pool of 100,000 GPUs with the default policy, unsplit and split into cells: how much of it is allocated when as much
/// was asked for as there is, and how fast. One thread decides and routes for all cells, so the gain is that of smaller
/// cells alone; cells that live on nodes of their own decide side by side.
/// </summary>
internal static class CellsBenchmark
{
    private static readonly int[] Splits = [1, 4, 10, 40];

    public static void Run(TextWriter output, HostSpec[] hosts, PlacementRequest[] tasks)
    {
        foreach (var cells in Splits)
        {
            var pool = PoolOf(hosts, cells);
            var arrivals = PlacementBenchmark.Arrivals(tasks, pool.GpuMilli, new Random(1));
            var began = Stopwatch.GetTimestamp();
            foreach (var task in arrivals)
            {
                pool.TryPlace(task, out _);
            }

            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var name = $"placement.cells.{cells}";
            RemotingBenchmarks.Print(output, $"{name}.decisions", arrivals.Count / seconds, "decisions/s");
            RemotingBenchmarks.Print(
                output, $"{name}.allocated", 100.0 * (pool.GpuMilli - pool.GpuFreeMilli) / pool.GpuMilli, "% of GPUs");
            RemotingBenchmarks.Print(
                output, $"{name}.asked", (double)pool.Asked / arrivals.Count, "cells asked for each request");
        }
    }

    /// <summary>Hosts in turn to the cells, so that each has the pool's mix.</summary>
    private static CellPool PoolOf(HostSpec[] hosts, int cells)
    {
        var models = new ModelTable();
        var states = Enumerable.Range(0, cells).Select(_ => new ClusterState(models)).ToArray();
        for (var i = 0; i < hosts.Length; i++)
        {
            states[i % cells].AddHost(hosts[i]);
        }

        return new CellPool(states.Select(state => new PlacementEngine(
            state, PlacementPolicies.Create("default", new PolicySettings(state)))));
    }
}
