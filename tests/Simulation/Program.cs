namespace GpuActors.Simulation;

/// <summary>What <c>./chaos</c> starts.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        ChaosCommand command;
        try
        {
            command = ChaosCommand.Parse(arguments);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }

        return command.Trace ? Replay(command) : new ChaosSweep(command).Run();
    }

    private static int Replay(ChaosCommand command)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
        var result = ChaosRun.Run(command.From, command.Settings, output.WriteLine);
        output.WriteLine($"seed {result.Seed}: {result.Violation ?? "no violation"}; {result.Tally}; trace {result.TraceHash:x16}");
        return result.Violation is null ? 0 : 1;
    }
}
