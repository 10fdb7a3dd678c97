using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors;

/// <summary>
/// A session's open command stream to its executor process. Whatever the process does (crash, spin, eat memory, talk
/// nonsense) becomes an <see cref="ExecutorLostException"/> here and the result of <see cref="Exited"/>.
/// </summary>
public sealed class ExecutorSession : ICommandSink, IAsyncDisposable
{
    private readonly ExecutorPool _pool;
    private readonly TaskCompletionSource<ExecutorExit> _exited =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isReleased;

    internal ExecutorSession(ExecutorPool pool, ExecutorInstance instance, SessionRequest request)
    {
        _pool = pool;
        Instance = instance;
        Request = request;
        _ = WatchAsync();
    }

    /// <summary>What was asked for.</summary>
    public SessionRequest Request { get; }

    /// <inheritdoc/>
    public Welcome Welcome => Connection.Welcome;

    /// <summary>The executor's process.</summary>
    public int ProcessId => Instance.ProcessId;

    /// <summary>The newest acknowledgement: how far the executor is.</summary>
    public Ack Acked => Connection.Acked;

    /// <summary>Completes, never fails, when the executor stops serving this session, with what happened.</summary>
    public Task<ExecutorExit> Exited => _exited.Task;

    internal ExecutorInstance Instance { get; }

    private CommandConnection Connection => Instance.Connection;

    /// <inheritdoc/>
    /// <exception cref="ExecutorLostException">The executor has ended.</exception>
    public ValueTask<ulong> SendAsync<T>(T command, CancellationToken cancellationToken = default)
        where T : struct, ICommand
    {
        ThrowIfReleased();
        try
        {
            ValueTask<ulong> sending = Connection.SendAsync(command, cancellationToken);
            return sending.IsCompletedSuccessfully ? sending : TranslateAsync(sending.AsTask());
        }
        catch (CommandException exception)
        {
            return TranslateAsync(Task.FromException<ulong>(exception));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ExecutorLostException">The executor has ended.</exception>
    public ValueTask<ulong> SendAsync<T>(
        T command, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        where T : struct, ICarriesData
    {
        ThrowIfReleased();
        return TranslateAsync(Connection.SendAsync(command, data, cancellationToken).AsTask());
    }

    /// <inheritdoc/>
    /// <exception cref="ExecutorLostException">The executor ended before it answered.</exception>
    public Task<TReply> RequestAsync<TReply>(ICommand<TReply> command, CancellationToken cancellationToken = default)
        where TReply : struct, IFrameBody<TReply>
    {
        ThrowIfReleased();
        return TranslateAsync(Connection.RequestAsync(command, cancellationToken)).AsTask();
    }

    /// <inheritdoc/>
    /// <exception cref="ExecutorLostException">The executor ended before it answered.</exception>
    public Task<Done> ReadAsync(
        ICommand<Done> command, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ThrowIfReleased();
        return TranslateAsync(Connection.ReadAsync(command, destination, cancellationToken)).AsTask();
    }

    /// <summary>Ends the executor at once; <see cref="Exited"/> gives <paramref name="reason"/>.</summary>
    public void Kill(string reason) => Instance.Kill(ExecutorEnd.Killed, reason);

    /// <summary>
    /// Ends the session. With <paramref name="reuse"/> the executor is emptied and kept for the tenant's next session;
    /// otherwise, or when it cannot be emptied in time, it is killed.
    /// </summary>
    public async Task ReleaseAsync(bool reuse = true)
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
            return;
        bool isKept = await _pool.ReleaseAsync(this, reuse).ConfigureAwait(false);
        _exited.TrySetResult(isKept ? ExecutorExit.Released : await Instance.Exited.ConfigureAwait(false));
    }

    /// <summary>Ends the session and its executor.</summary>
    public async ValueTask DisposeAsync() => await ReleaseAsync(reuse: false).ConfigureAwait(false);

    private void ThrowIfReleased() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isReleased) == 1, this);

    private async Task WatchAsync()
    {
        await Task.WhenAny(Instance.Exited, _exited.Task).ConfigureAwait(false);
        if (Instance.Exited.IsCompleted)
            _exited.TrySetResult(await Instance.Exited.ConfigureAwait(false));
    }

    /// <summary>Says why the process ended instead of that a connection did.</summary>
    private async ValueTask<T> TranslateAsync<T>(Task<T> task)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new ExecutorLostException(await Instance.Exited.ConfigureAwait(false), exception);
        }
    }

    private static bool IsLoss(Exception exception) => exception is ProtocolException
        or CommandException { Code: OpenClErrors.ExecutorLost or OpenClErrors.Protocol };
}
