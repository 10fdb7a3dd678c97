using GpuActors.Actors.Tests.Local;
using GpuActors.Actors.Tests.Persistence;

namespace GpuActors.Actors.Tests;

/// <summary>Entry point for tests that need a real process of their own; the test runner does not use it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [SignalHost.Name]:
                await SignalHost.RunAsync();
                return 0;
            case [WriterProcess.Name, var path]:
                return await WriterProcess.RunAsync(path);
            default:
                await Console.Error.WriteLineAsync($"Unknown process '{string.Join(' ', args)}'.");
                return 2;
        }
    }
}
