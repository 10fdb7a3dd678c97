using System.Reflection;
using System.Runtime.InteropServices;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Security;
using Microsoft.Extensions.Logging;

namespace GpuActors.Node;

/// <summary>The life of a node process: read settings, start, say so, wait for a signal, stop.</summary>
public static class NodeProcess
{
    private const int ExitBadSettings = 2;

    /// <summary>The version of the running program.</summary>
    public static string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "0";

    /// <summary>Runs a node until SIGTERM or SIGINT.</summary>
    /// <param name="arguments">The process's arguments.</param>
    /// <param name="start">Starts the node; gives it back with the facts for the ready file.</param>
    /// <returns>The process's exit code: 0, or 2 when it could not be started with its settings.</returns>
    public static async Task<int> RunAsync(
        string[] arguments,
        Func<Config, ILoggerFactory, Task<(IAsyncDisposable Node, Dictionary<string, string> Facts)>> start)
    {
        using var logs = LoggerFactory.Create(builder => builder.AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        }));
        var stop = new TaskCompletionSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }

        // .NET 10 does not raise ProcessExit on SIGTERM, so both signals are taken here.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        IAsyncDisposable node;
        try
        {
            var line = NodeCommandLine.Parse(arguments);
            (node, var facts) = await start(ConfigurationFactory.Load(line.ConfigFile is { } file ? [file] : []), logs);
            line.WriteReady(facts);
        }
        catch (Exception e) when (
            e is ArgumentException or ConfigException or SecretException or IOException or EventStoreException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitBadSettings;
        }

        await stop.Task;
        await node.DisposeAsync();
        return 0;
    }
}
