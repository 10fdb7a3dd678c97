using System.Diagnostics;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class SignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_shuts_a_real_process_down_in_order(string signal)
    {
        using var process = Start();
        try
        {
            (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience)).ShouldBe(SignalHost.Ready);
            using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
            await kill.WaitForExitAsync().WaitAsync(Patience);

            var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);

            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
                [$"reason SIG{signal}", "first phase", "actor stopped", "main ends"]);
            process.ExitCode.ShouldBe(0);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static Process Start() => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [typeof(SignalHost).Assembly.Location, SignalHost.Name])
    {
        RedirectStandardOutput = true,
    })!;
}

/// <summary>What the child process of <see cref="SignalTests"/> runs.</summary>
internal static class SignalHost
{
    public const string Name = "signal-host";
    public const string Ready = "ready";

    public static async Task RunAsync()
    {
        var system = ActorSystem.Create("child");
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.RunOnTerminationSignals();
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "note", () =>
        {
            Console.WriteLine($"reason {((CoordinatedShutdown.SignalReason)shutdown.ShutdownReason!).Signal}");
            Console.WriteLine("first phase");
            return Task.CompletedTask;
        });
        var actor = system.ActorOf(Act.Of(a =>
        {
            a.WhenStopped = () => Console.WriteLine("actor stopped");
            a.On<string>(m => a.From.Tell(m));
        }));
        Console.WriteLine(await actor.Ask<string>(Ready));
        await shutdown.WhenDone;
        Console.WriteLine("main ends");
    }
}
