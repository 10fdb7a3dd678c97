namespace GpuActors.Scheduler.Simulation.Arrivals;

/// <summary>A task arrives.</summary>
/// <param name="Seconds">When.</param>
/// <param name="Task">Which task of the workload, by its index.</param>
/// <param name="Duration">How long it runs once it is placed, in seconds.</param>
public readonly record struct Arrival(double Seconds, int Task, double Duration);
