using System.Diagnostics;
using System.Net.Sockets;
using GpuActors.Shared.Commands;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// One executor process that has connected and opened its device. Its connection's end is its end: it exits by itself
/// when the worker's side goes, and is killed when its own side goes and it does not follow.
/// </summary>
#pragma warning disable CA1001 // lets go of everything by itself, once the process is gone
internal sealed partial class ExecutorProcess
#pragma warning restore CA1001
{
    private static readonly TimeSpan LastOutputTimeout = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly OutputTail _output;
    private readonly TimeProvider _time;
    private readonly TimeSpan _killGrace;
    private readonly ILogger _logger;
    private ResidentMemory? _memory;
    private KillOrder? _kill;

    private ExecutorProcess(
        Process process, OutputTail output, ExecutorPoolSettings settings, TimeProvider time, ILogger logger)
    {
        _process = process;
        _output = output;
        _time = time;
        _killGrace = settings.KillGrace;
        _logger = logger;
        Id = process.Id;
        Exited = ObserveExitAsync();
    }

    /// <summary>Process id.</summary>
    public int Id { get; }

    /// <summary>The command stream.</summary>
    public CommandConnection Connection { get; private set; } = null!;

    /// <summary>Where clients' sockets are handed over to it.</summary>
    public ClientHandover Clients { get; private set; } = null!;

    /// <summary>The device as the executor found it.</summary>
    public ExecutorReady Ready { get; private set; }

    /// <summary>Completes, never fails, once the process is gone and reaped.</summary>
    public Task<ExecutorExit> Exited { get; }

    /// <summary>Resident memory in bytes; 0 once the process is gone.</summary>
    public long ReadResidentBytes() => _memory?.ReadBytes() ?? 0;

    /// <summary>Sends SIGKILL, once; the first reason is the one that is told.</summary>
    public void Kill(ExecutorExitKind kind, string reason)
    {
        if (Interlocked.CompareExchange(ref _kill, new KillOrder(kind, reason), null) is not null)
        {
            return;
        }

        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            return; // gone already
        }

        _ = ReportIfStuckAsync(reason);
    }

    private async Task<ExecutorExit> ObserveExitAsync()
    {
        var streams = Task.WhenAll(
            _output.DrainAsync(_process.StandardError.BaseStream),
            _output.DrainAsync(_process.StandardOutput.BaseStream));
        await _process.WaitForExitAsync().ConfigureAwait(false);
        // What it wrote last is still to be read; bounded, as a child of it may hold the other ends open.
        var rest = Connection is { } connection ? Task.WhenAll(streams, connection.Closed) : streams;
        await Task.WhenAny(rest, Task.Delay(LastOutputTimeout, _time)).ConfigureAwait(false);
        var farewell = await ReadFarewellAsync().ConfigureAwait(false);
        var exit = ExecutorExit.Of(_process.ExitCode, Volatile.Read(ref _kill), _output.Read(), farewell);
        if (Connection is not null)
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }

        Clients?.Dispose();
        _memory?.Dispose();
        _process.StandardError.Dispose();
        _process.StandardOutput.Dispose();
        _process.Dispose();
        return exit;
    }

    /// <summary>What it said last on its connection, if it took its leave.</summary>
    private async Task<string?> ReadFarewellAsync() =>
        Connection is { Closed: { IsCompleted: true } closed }
            ? (await closed.ConfigureAwait(false)).Farewell?.Text
            : null;

    private async Task FollowConnectionAsync()
    {
        var end = await Connection.Closed.ConfigureAwait(false);
        try
        {
            await Exited.WaitAsync(_killGrace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill(ExecutorExitKind.Killed, $"killed by the worker: its connection ended ({end.Reason}) but it did not");
        }
    }

    private async Task ReportIfStuckAsync(string reason)
    {
        try
        {
            await Exited.WaitAsync(_killGrace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.LogError(
                "Executor {ProcessId} was killed ({Reason}) and is not gone after {Grace}; its driver may be stuck.",
                Id, reason, _killGrace);
        }
    }
}
