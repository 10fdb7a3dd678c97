namespace GpuActors.Scheduler.Simulation.Commands;

/// <summary><c>pbm size</c>.</summary>
internal static class SizeCommand
{
    public static int Run(CommandContext context) => throw new SimulationInputException("not yet");
}
