namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>Files that a command line names.</summary>
public static class InputFiles
{
    /// <summary>Reads; what is wrong with the file becomes one kind of error that names it.</summary>
    /// <exception cref="SimulationInputException">It cannot be read, or is not as it should be.</exception>
    public static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimulationInputException($"{path} cannot be read: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            // Ours name the file; those of unpacking don't.
            throw new SimulationInputException(
                e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message
                    : $"{path} cannot be read: {e.Message}",
                e);
        }
    }
}
