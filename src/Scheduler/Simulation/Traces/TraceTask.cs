using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Simulation.Traces;

/// <summary>A task of a trace.</summary>
/// <param name="Request">What it asks for.</param>
/// <param name="CreatedSeconds">When it came, in seconds; null if the trace does not say.</param>
/// <param name="DeletedSeconds">When it ended, in seconds; null if the trace does not say.</param>
public sealed record TraceTask(PlacementRequest Request, long? CreatedSeconds = null, long? DeletedSeconds = null);
