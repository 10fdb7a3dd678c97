using System.Net.Sockets;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// A session on an executor process. It ends by <see cref="ReleaseAsync"/>, by <see cref="KillAsync"/>, or by the
/// process's own end; disposing kills what has not ended.
/// </summary>
public sealed class ExecutorSession : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ExecutorPool _pool;
    private readonly PooledExecutor _executor;
    private readonly ExecutorProcess _process;
    private readonly ExecutorPoolSettings _settings;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private bool _returned;
    private bool _disposed;

    internal ExecutorSession(
        ExecutorPool pool, PooledExecutor executor, SessionRequest request, ExecutorPoolSettings settings,
        TimeProvider time)
    {
        _pool = pool;
        _executor = executor;
        _process = executor.Process!;
        _settings = settings;
        _time = time;
        Request = request;
        _ = WatchMemoryAsync(request.MemoryOn(_process.Ready));
    }

    /// <summary>What was asked for.</summary>
    public SessionRequest Request { get; }

    /// <summary>The command stream, its session open. Not to be used after the session has ended.</summary>
    public CommandConnection Connection => _process.Connection;

    /// <summary>Process id of the executor.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The process's end, while the session lasts: completes once it is gone, never fails.</summary>
    public Task<ExecutorExit> Exited => _process.Exited;

    /// <summary>
    /// Makes a client's socket the session's command stream, in the place of <see cref="Connection"/>, and waits until that
    /// stream has ended. What it leaves is there until <see cref="ReleaseAsync"/>, which is to follow.
    /// </summary>
    /// <param name="client">Connected; nothing of the command stream has been read from it. Closed here in any case.</param>
    /// <param name="take">What the executor has to know of it.</param>
    /// <exception cref="IOException">The executor is gone or does not follow the protocol.</exception>
    public async Task<StreamEnded> ServeAsync(Socket client, TakeClient take)
    {
        using (client)
        {
            _process.Clients.Send(client, take);
        }

        return await _process.Clients.EndAsync().ConfigureAwait(false);
    }

    /// <summary>As the other, for a stream that may have other connections after this one.</summary>
    /// <param name="client">Connected; nothing of the command stream has been read from it. Closed here in any case.</param>
    /// <param name="take">What the executor has to know of it.</param>
    /// <param name="changed">Hears when the connection is lost, and when there is another one.</param>
    /// <exception cref="IOException">The executor is gone or does not follow the protocol.</exception>
    public async Task<StreamEnded> ServeAsync(Socket client, TakeResumable take, Action<StreamLinked> changed)
    {
        using (client)
        {
            _process.Clients.Send(client, take);
        }

        return await _process.Clients.EndAsync(changed).ConfigureAwait(false);
    }

    /// <summary>Hands over another connection of the stream, if that is still there. The caller closes its own descriptor.</summary>
    /// <exception cref="IOException">The executor is gone.</exception>
    public void Resume(Socket client, TakeResumable take) => _process.Clients.Send(client, take with { Resumes = true });

    /// <summary>What has come and gone on the stream that <see cref="ServeAsync"/> serves, as the executor says.</summary>
    public StreamUse ReadStream() => _pool.ReadStream(_executor);

    /// <summary>
    /// Kills the process, whatever it is doing, and waits until it is gone. Without a bound: as long as the process is
    /// there, its kernel may be running on the slice. Does nothing once the session was released.
    /// </summary>
    /// <param name="reason">In words, such as <c>time limit of 60 s</c>.</param>
    public async Task<ExecutorExit?> KillAsync(string reason)
    {
        if (!TryKill(ExecutorExitKind.Killed, "killed by the worker: " + reason))
        {
            return null;
        }

        return await Exited.ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the session in order: all that it made is zeroed and released, and the executor waits for the tenant's
    /// next. An executor that does not answer, has served enough, or keeps too much memory is killed instead. Either
    /// way, when the task ends nothing of the session is left.
    /// </summary>
    public async Task ReleaseAsync()
    {
        var unfit = await FindUnfitAsync().ConfigureAwait(false);
        if (unfit is not null)
        {
            await KillAsync(unfit).ConfigureAwait(false);
            return;
        }

        lock (_lock)
        {
            if (_returned || Exited.IsCompleted)
            {
                return;
            }

            _returned = true;
        }

        await _ended.CancelAsync().ConfigureAwait(false);
        _pool.Return(_executor);
    }

    /// <summary>Kills the executor unless the session was released.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync("its session was given up").ConfigureAwait(false);
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _ended.CancelAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    /// <summary>Why the executor can't serve another session; null when it can.</summary>
    private async Task<string?> FindUnfitAsync()
    {
        if (Request.VisibleDevice is not null)
        {
            return "what it opened was cut off for its session alone";
        }

        if (_executor.Sessions >= _settings.MaxSessionsPerExecutor)
        {
            return $"it has served {_executor.Sessions} sessions";
        }

        if (_executor.Folder is { Kernels.IsClosed: true })
        {
            return "too many compiled kernels are kept for its tenant";
        }

        try
        {
            await Connection.RequestAsync(new Reset()).WaitAsync(_settings.ResetTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CommandException or TimeoutException)
        {
            return $"its session could not be reset: {e.Message}";
        }

        var resident = _process.ReadResidentBytes();
        return resident > _settings.OverheadMemoryBytes
            ? $"it kept {resident} bytes of memory after its session; {_settings.OverheadMemoryBytes} are allowed"
            : null;
    }

    private bool TryKill(ExecutorExitKind kind, string reason)
    {
        lock (_lock)
        {
            if (_returned)
            {
                return false;
            }

            _process.Kill(kind, reason);
            _pool.MarkEnding(_executor);
            return true;
        }
    }

    private async Task WatchMemoryAsync(long sliceBytes)
    {
        var limit = sliceBytes + _settings.OverheadMemoryBytes;
        try
        {
            while (!Exited.IsCompleted)
            {
                // First: what the last session left was looked at when it ended.
                await Task.Delay(_settings.MemoryCheckInterval, _time, _ended.Token).ConfigureAwait(false);
                if (_process.ReadResidentBytes() is var resident && resident > limit)
                {
                    TryKill(ExecutorExitKind.MemoryExceeded, Describe(resident, sliceBytes));
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The session has ended.
        }
    }

    private string Describe(long resident, long sliceBytes) =>
        $"memory of the process over its limit: {resident} bytes resident; the slice's {sliceBytes} and "
        + $"{_settings.OverheadMemoryBytes} beyond are allowed";
}
