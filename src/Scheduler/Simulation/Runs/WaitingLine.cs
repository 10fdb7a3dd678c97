using System.Diagnostics.CodeAnalysis;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Simulation.Arrivals;

namespace GpuActors.Scheduler.Simulation.Runs;

internal sealed class WaitingLine(RunPlan plan, Arrival[] arrivals, SimulatedCluster cluster)
{
    public int Count => 0;

    public void Add(int arrival) => _ = (plan, arrivals, cluster);

    public void Freed(in PlacedTask task) { }

    public bool TryServe(double now, out int arrival, out PlacedTask placed)
    {
        (arrival, placed) = (0, default);
        return false;
    }

    public IEnumerable<int> Waiting() => [];
}
