using System.Globalization;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Worker.Executors.Pool;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// One attempt of an interactive session: the connections of its client, and the executors that serve its streams. It
/// knows when the session is to end; whoever runs it then closes it.
/// </summary>
internal sealed class LiveSession : IAsyncDisposable, IConnectionObserver
{
    private static readonly TimeSpan OrderlyEnd = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly SessionRequest _request;
    private readonly InteractiveTerms _terms;
    private readonly int _maxStreams;
    private readonly ExecutorPool _pool;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SessionCertificate? _certificate;
    private readonly TimeSpan _resumeTime;
    private readonly Dictionary<SessionConnection, Task> _connections = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<SessionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _leaseTimer;
    private readonly ITimer _idleTimer;
    private long _activeAt;
    private long _aloneSince;
    private StreamTotals _totals;
    private long _resumed;
    private bool _closed;

    /// <param name="request">What each of its streams asks of the executor pool.</param>
    /// <param name="terms">How long it lives without its client.</param>
    /// <param name="maxStreams">Streams at one time.</param>
    /// <param name="pool">Executors.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    /// <param name="certificate">For TLS; null: no connection is encrypted. Belongs to the session.</param>
    /// <param name="resumeTime">How long a stream is kept whose connection is lost.</param>
    public LiveSession(
        SessionRequest request, InteractiveTerms terms, int maxStreams, ExecutorPool pool, TimeProvider time, ILogger logger,
        SessionCertificate? certificate = null, TimeSpan resumeTime = default)
    {
        _resumeTime = resumeTime;
        _certificate = certificate;
        _request = request;
        _terms = terms;
        _maxStreams = maxStreams;
        _pool = pool;
        _time = time;
        _logger = logger;
        _activeAt = time.GetTimestamp();
        _leaseTimer = time.CreateTimer(_ => OnLease(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _idleTimer = time.CreateTimer(_ => OnIdleCheck(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ArmLease();
        _idleTimer.Change(terms.IdleLimit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What tickets for it are confined to: session and epoch.</summary>
    public string Scope => string.Create(CultureInfo.InvariantCulture, $"{_request.Session}@{_request.Epoch}");

    /// <summary>Whose it is.</summary>
    public string Tenant => _request.Tenant;

    /// <summary>The session's id.</summary>
    public string Id => _request.Session;

    /// <summary>SHA-256 of the certificate that its clients are shown, in hexadecimal; null: none is.</summary>
    public string? Fingerprint => _certificate?.Fingerprint;

    /// <summary>Completes when it is to end, and says why.</summary>
    public Task<SessionEnd> Ended => _ended.Task;

    /// <summary>How many streams it has now.</summary>
    public int ReadStreams()
    {
        lock (_lock)
        {
            return CountStreams();
        }
    }

    /// <summary>Streams that have no connection now, and how often one had another.</summary>
    public (int Lost, long Resumed) ReadLinks()
    {
        lock (_lock)
        {
            return (_connections.Keys.Count(connection => connection.LostAt is not null), _resumed);
        }
    }

    /// <summary>What its streams have done so far.</summary>
    public StreamTotals ReadTotals()
    {
        lock (_lock)
        {
            return _connections.Keys.Aggregate(_totals, (sum, connection) => sum.Add(connection.ReadUse()));
        }
    }

    /// <summary>Serves a connection whose client has proved to have the session's ticket.</summary>
    /// <param name="peer">Belongs to the session from here on.</param>
    /// <param name="connect">What it is for.</param>
    /// <param name="accepted">What the client is to hear first.</param>
    /// <returns>Why it is not served; null: it is.</returns>
    /// <exception cref="IOException">The client or its executor is gone.</exception>
    public string? TryAdmit(GatewayPeer peer, in Connect connect, Accepted accepted)
    {
        var (kind, stream) = (connect.Kind, connect.Stream);
        if (kind == ConnectionKind.Resume)
        {
            return TryResume(peer, stream, accepted);
        }

        lock (_lock)
        {
            // Whoever comes between the end and the closing must not believe to have it.
            if (_closed || _ended.Task.IsCompleted)
            {
                return _ended.Task is { IsCompletedSuccessfully: true, Result.Reason: var reason }
                    ? $"The session has ended: {reason}" : "The session has ended.";
            }

            var streams = CountStreams();
            if (IsStream(kind) && streams >= _maxStreams && !TryEndLost())
            {
                return $"{streams} programs use the session; more are not allowed (worker.sessions.max-streams).";
            }

            if (!IsStream(kind) && kind != ConnectionKind.Hold)
            {
                return $"A connection of kind {kind} is of no use here: main, hold, resumable and resume are served.";
            }

            if (kind == ConnectionKind.Resumable && Find(stream) is not null)
            {
                return "Another stream of the session has the same id.";
            }

            var connection = new SessionConnection(
                peer, kind, peer.IsEncrypted ? _certificate : null,
                kind == ConnectionKind.Resumable ? TakeOf(peer, stream) : null);
            _connections.Add(connection, RunAsync(connection, accepted));
            _leaseTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _activeAt = IsStream(kind) ? _time.GetTimestamp() : _activeAt;
            return null;
        }
    }

    /// <inheritdoc/>
    public void OnLinked(StreamLinked linked)
    {
        if (linked.IsLinked)
        {
            Interlocked.Increment(ref _resumed);
            _logger.LogInformation("Session {Session}: a stream goes on over another connection", Id);
            return;
        }

        _logger.LogInformation(
            "Session {Session}: {Text}; its executor waits {Seconds} s for another", Id, linked.Text, _resumeTime.TotalSeconds);
    }

    /// <inheritdoc/>
    public void OnEnded(StreamEnded ended) =>
        _logger.LogDebug("Session {Session}: a stream has ended: {Text}", Id, ended.Text);

    /// <inheritdoc/>
    public void OnLongWait()
    {
        lock (_lock)
        {
            TryEndLost();
        }
    }

    /// <summary>It is to end, for the first reason given.</summary>
    public void End(SessionEndKind kind, string reason) => _ended.TrySetResult(new SessionEnd(kind, reason));

    /// <summary>Ends all connections and kills what serves them. When the task completes, nothing of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        KeyValuePair<SessionConnection, Task>[] connections;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            connections = [.. _connections];
        }

        await _leaseTimer.DisposeAsync().ConfigureAwait(false);
        await _idleTimer.DisposeAsync().ConfigureAwait(false);
        var inOrder = _ended.Task is { IsCompletedSuccessfully: true, Result.Kind: SessionEndKind.Released };
        if (inOrder)
        {
            await StreamsEndedAsync(connections).ConfigureAwait(false);
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var (connection, _) in connections)
        {
            connection.Cut(evenIfEnded: !inOrder);
        }

        await Task.WhenAll(connections.Select(connection => connection.Value)).ConfigureAwait(false);
        _closing.Dispose();
        _certificate?.Dispose();
    }

    /// <summary>
    /// A client that gives its session back has just ended its programs: their streams' ends are on their way, and an
    /// executor that is reset rather than killed is there for the tenant's next session at once.
    /// </summary>
    private async Task StreamsEndedAsync(IEnumerable<KeyValuePair<SessionConnection, Task>> connections)
    {
        var streams = connections.Where(one => IsStream(one.Key.Kind)).Select(one => one.Value);
        await Task.WhenAny(Task.WhenAll(streams), Task.Delay(OrderlyEnd, _time)).ConfigureAwait(false);
    }

    private int CountStreams() => _connections.Keys.Count(connection => IsStream(connection.Kind));

    private static bool IsStream(ConnectionKind kind) => kind is ConnectionKind.Main or ConnectionKind.Resumable;

    private TakeResumable TakeOf(GatewayPeer peer, Guid stream) => new(
        stream, Resumes: false, (uint)_resumeTime.TotalMilliseconds,
        peer.IsEncrypted && _certificate is not null ? _certificate.Take : default);

    private SessionConnection? Find(Guid stream) => _connections.Keys.FirstOrDefault(one => one.Resumable == stream);

    private string? TryResume(GatewayPeer peer, Guid stream, Accepted accepted)
    {
        SessionConnection? connection;
        lock (_lock)
        {
            connection = _closed ? null : Find(stream);
        }

        return connection is null ? "The program's stream has ended." : connection.TryResume(peer, accepted, _time);
    }

    /// <summary>Ends the stream that has had no connection for longest, if there is one. The lock is held.</summary>
    private bool TryEndLost()
    {
        var lost = _connections.Keys.Where(one => one.LostAt is not null).MinBy(one => one.LostAt);
        if (lost is null)
        {
            return false;
        }

        _logger.LogInformation("Session {Session}: a stream that has lost its connection makes way for another one", Id);
        lost.Cut(evenIfEnded: false);
        return true;
    }

    private async Task RunAsync(SessionConnection connection, Accepted accepted)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the lock
        try
        {
            if (connection.Kind == ConnectionKind.Hold)
            {
                await HoldAsync(connection, accepted).ConfigureAwait(false);
            }
            else
            {
                await connection.ServeAsync(_pool, _request, accepted, this, _time, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The session has ended, or the client did not wait. Whoever waits for an executor has heard nothing yet.
            if (IsStream(connection.Kind))
            {
                connection.Peer.Refuse(OpenClErrors.SessionRefused, "The session has ended.");
            }
        }
        catch (ExecutorUnavailableException e)
        {
            _logger.LogWarning("Session {Session}: no executor for a stream: {Reason}", Id, e.Message);
            connection.Peer.Refuse(OpenClErrors.SessionRefused, e.Message);
        }
        catch (Exception e) when (e is IOException or TimeoutException or ObjectDisposedException)
        {
            _logger.LogInformation("Session {Session}: a connection has ended: {Reason}", Id, e.Message);
        }
        catch (Exception e)
        {
            _logger.LogError(e, "Session {Session}: a connection failed in the worker.", Id);
        }
        finally
        {
            connection.Peer.Dispose();
            Remove(connection);
        }
    }

    private async Task HoldAsync(SessionConnection connection, Accepted accepted)
    {
        if (await connection.HoldAsync(accepted, _time, _closing.Token).ConfigureAwait(false))
        {
            End(SessionEndKind.Released, "Its client has given it back.");
        }
    }

    private void Remove(SessionConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
            var use = connection.ReadUse();
            _totals = _totals.Add(use);
            _activeAt = Math.Max(_activeAt, use.ActiveAt);
            ArmLease();
        }
    }

    /// <summary>Nobody is there: the lease begins. The lock is held, or nobody else knows of the session.</summary>
    private void ArmLease()
    {
        if (_connections.Count == 0 && !_closed && _terms.Lease is { } lease)
        {
            _aloneSince = _time.GetTimestamp();
            _leaseTimer.Change(lease, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnLease()
    {
        lock (_lock)
        {
            if (_connections.Count > 0 || _closed)
            {
                return;
            }

            var left = _terms.Lease!.Value - _time.GetElapsedTime(_aloneSince);
            if (left > TimeSpan.Zero)
            {
                _leaseTimer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            End(
                SessionEndKind.LeaseLost,
                $"No connection of its client was there for {Seconds(_terms.Lease.Value)} (its lease).");
        }
    }

    private void OnIdleCheck()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            var activeAt = _connections.Keys.Aggregate(_activeAt, (newest, one) => Math.Max(newest, one.ReadUse().ActiveAt));
            var left = _terms.IdleLimit - _time.GetElapsedTime(activeAt);
            if (left <= TimeSpan.Zero)
            {
                End(SessionEndKind.Idle, $"No command came for {Seconds(_terms.IdleLimit)} (its idle limit).");
                return;
            }

            _idleTimer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private static string Seconds(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");
}

/// <summary>What the streams of a session have done.</summary>
/// <param name="BytesIn">Bytes received from clients.</param>
/// <param name="BytesOut">Bytes sent to clients.</param>
internal readonly record struct StreamTotals(long BytesIn, long BytesOut)
{
    /// <summary>With one more stream.</summary>
    public StreamTotals Add(StreamUse use) => new(BytesIn + use.BytesIn, BytesOut + use.BytesOut);
}
