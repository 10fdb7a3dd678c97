using System.Diagnostics;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors;

/// <summary>
/// One executor process and the connection to it. The process ends when the connection does, so a worker that dies
/// leaves none behind.
/// </summary>
internal sealed class ExecutorInstance : IAsyncDisposable
{
    /// <summary>What a process may take to end after its connection has, and its last words to arrive.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly ErrorTail _errors;
    private readonly string _folder;
    private readonly Lock _gate = new();
    private CommandConnection? _connection;
    private ExecutorExit? _killed;

    public ExecutorInstance(long number, string device, string folder, Process process, TimeProvider time)
    {
        Number = number;
        Device = device;
        ProcessId = process.Id;
        _folder = folder;
        _process = process;
        _time = time;
        _errors = ErrorTail.Of(process.StandardError.BaseStream);
        Exited = WaitForExitAsync();
    }

    public long Number { get; }

    public string Device { get; }

    public int ProcessId { get; }

    /// <summary>From the start of the process to its first word.</summary>
    public TimeSpan StartTime { get; set; }

    /// <summary>Folder of this process alone.</summary>
    public string Folder => _folder;

    /// <summary>Whose sessions it serves, once it has served one.</summary>
    public string? Tenant { get; set; }

    /// <summary>Sessions served.</summary>
    public int Sessions { get; set; }

    /// <summary>When it became idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Private memory beyond which it is killed; 0 while it serves nobody.</summary>
    public ulong MemoryLimitBytes { get; set; }

    /// <summary>What it said when it was ready.</summary>
    public ExecutorReady Ready { get; private set; }

    public CommandConnection Connection =>
        _connection ?? throw new InvalidOperationException("the executor has not connected yet");

    /// <summary>Completes, never fails, when the process is gone and reaped.</summary>
    public Task<ExecutorExit> Exited { get; }

    /// <summary>Takes the connection over and waits for the process's first word.</summary>
    public async Task ConnectAsync(Stream stream, CancellationToken cancellationToken)
    {
        _connection = new CommandConnection(stream, SilentObserver.Instance);
        _ = EndWithConnectionAsync(_connection);
        Ready = await _connection.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills the process. The first reason counts.</summary>
    public void Kill(ExecutorEnd end, string reason) => Kill(new ExecutorExit(end, reason, null, ""));

    private void Kill(ExecutorExit reason)
    {
        lock (_gate)
            _killed ??= reason;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill(ExecutorEnd.Killed, "it is no longer needed");
        await Exited.ConfigureAwait(false);
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _process.Dispose();
        PrivateFolder.Delete(_folder);
    }

    /// <summary>A process that has closed its connection has no use any more, also when it does not end by itself.</summary>
    private async Task EndWithConnectionAsync(CommandConnection connection)
    {
        ConnectionEnd end = await connection.Closed.ConfigureAwait(false);
        if (!await EndsWithinAsync(Exited, Grace).ConfigureAwait(false))
            Kill(ExecutorEnd.Failed, $"the executor closed its connection: {end.Reason}");
    }

    private async Task<ExecutorExit> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await EndsWithinAsync(_errors.Reading, Grace).ConfigureAwait(false); // a child of its own may hold the pipe open
        string? farewell = await FarewellAsync().ConfigureAwait(false);
        var errors = _errors.ToString();
        lock (_gate)
        {
            return _killed is { } killed
                ? killed with { ExitCode = _process.ExitCode, ErrorOutput = errors }
                : ExecutorExit.FromProcess(_process.ExitCode, errors, farewell);
        }
    }

    private async Task<string?> FarewellAsync()
    {
        if (_connection is null || !await EndsWithinAsync(_connection.Closed, Grace).ConfigureAwait(false))
            return null;
        ConnectionEnd end = await _connection.Closed.ConfigureAwait(false);
        return end.Farewell?.Text;
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan patience)
    {
        try
        {
            await task.WaitAsync(patience, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed class SilentObserver : ICommandObserver
    {
        public static readonly SilentObserver Instance = new();
    }
}
