namespace GpuActors.Scheduler.Simulation;

/// <summary>
/// The command line, or a file it names, is wrong; the message says where, what, and what would be right.
/// </summary>
public sealed class SimulationInputException(string message, Exception? inner = null) : Exception(message, inner);
