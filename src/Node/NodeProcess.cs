using System.Reflection;
using System.Runtime.InteropServices;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using GpuActors.Node.Logging;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Security;
using Microsoft.Extensions.Logging;

namespace GpuActors.Node;

/// <summary>
/// The life of a node process: read settings, start, say so, wait for a signal, a successor or the node's leave, stop.
/// </summary>
public static class NodeProcess
{
    /// <summary>Exit code of a program that cannot run with its settings or arguments.</summary>
    public const int BadSettings = 2;

    private const int ExitTakenOver = 3;

    /// <summary>Nothing that is left to do matters when a successor runs already.</summary>
    private static readonly TimeSpan StopLimitWhenTakenOver = TimeSpan.FromSeconds(5);

    private const int CommitDigits = 7;

    /// <summary>The version of the running program: <c>1.2.3+abcdef0</c>, with the beginning of its commit.</summary>
    public static string Version { get; } = Shortened(
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "0");

    /// <summary>Runs a node until SIGTERM or SIGINT, or until it has left.</summary>
    /// <param name="arguments">The process's arguments.</param>
    /// <param name="start">Starts the node; gives it back with the facts for the ready file.</param>
    /// <returns>
    /// The process's exit code: 0; 2 when it could not be started with its settings; 3 when another process has taken
    /// the node's name (<see cref="IReplaceableNode"/>).
    /// </returns>
    public static async Task<int> RunAsync(
        string[] arguments,
        Func<Config, NodeLog, Task<(IAsyncDisposable Node, Dictionary<string, string> Facts)>> start)
    {
        using var logs = NodeLog.ToConsole(new ProductionRuntime().Time);
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
            return BadSettings;
        }
        catch (NodeTakenOverException e)
        {
            return EndTakenOver(logs, e.Message);
        }

        var replaceable = node as IReplaceableNode;
        var takenOver = replaceable?.TakenOver;
        await Task.WhenAny(stop.Task, takenOver ?? stop.Task, replaceable?.Left ?? stop.Task);
        if (stop.Task.IsCompleted || takenOver is not { IsCompleted: true })
        {
            await node.DisposeAsync();
            return 0;
        }

        var exitCode = EndTakenOver(logs, await takenOver);
#pragma warning disable RS0030 // a process's own end: no actor is left to have a clock
        await Task.WhenAny(node.DisposeAsync().AsTask(), Task.Delay(StopLimitWhenTakenOver));
#pragma warning restore RS0030
        return exitCode;
    }

    private static string Shortened(string version)
    {
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? version : version[..Math.Min(version.Length, plus + 1 + CommitDigits)];
    }

    private static int EndTakenOver(ILoggerFactory logs, string reason)
    {
        logs.CreateLogger(nameof(NodeProcess)).LogCritical("{Reason}", reason);
        return ExitTakenOver;
    }
}
