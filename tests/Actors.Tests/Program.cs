using GpuActors.Actors.Tests.Local;

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
            default:
                await Console.Error.WriteLineAsync($"Unknown process '{string.Join(' ', args)}'.");
                return 2;
        }
    }
}
