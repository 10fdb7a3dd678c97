using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Sessions;

/// <summary>One connection of an interactive session's client, from its admission to its end.</summary>
/// <param name="peer">The client's socket.</param>
/// <param name="kind">What it is for.</param>
/// <param name="certificate">For TLS; null: it is not encrypted.</param>
/// <param name="resumable">How the stream outlives the connection; null: it does not.</param>
internal sealed class SessionConnection(
    GatewayPeer peer, ConnectionKind kind, SessionCertificate? certificate, TakeResumable? resumable = null)
{
    /// <summary>A program that waits for an executor so long gets that of another one that has lost its connection.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookForPeer = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private ExecutorSession? _executor;
    private StreamUse _lastUse;
    private bool _isStreaming;
    private bool _isCut;
    private long? _lostAt;

    /// <summary>The stream that other connections may go on with, as its client named it; null: none.</summary>
    public Guid? Resumable => resumable?.Stream;

    /// <summary>Since when its stream has had no connection, in the clock's ticks; null: it has one, or is ended already.</summary>
    public long? LostAt
    {
        get
        {
            lock (_lock)
            {
                return _isCut ? null : _lostAt;
            }
        }
    }

    /// <summary>The client's socket.</summary>
    public GatewayPeer Peer => peer;

    /// <summary>What it is for.</summary>
    public ConnectionKind Kind => kind;

    /// <summary>What has come and gone on it, if it is a stream.</summary>
    public StreamUse ReadUse()
    {
        lock (_lock)
        {
            if (_isStreaming)
            {
                _lastUse = _lastUse.AtLeast(_executor!.ReadStream());
            }

            return _lastUse;
        }
    }

    /// <summary>Kills the executor, now or when it is there.</summary>
    /// <param name="evenIfEnded">Also when its stream has ended, and it is being reset.</param>
    public void Cut(bool evenIfEnded)
    {
        ExecutorSession? executor;
        lock (_lock)
        {
            _isCut = true;
            executor = _isStreaming || evenIfEnded ? _executor : null;
        }

        if (executor is not null)
        {
            _ = executor.KillAsync("its session has ended");
        }
    }

    /// <summary>
    /// Takes an executor, hands the client's socket to it and waits for the stream's end; then the executor is ready for
    /// the tenant's next, or gone.
    /// </summary>
    /// <param name="pool">Executors.</param>
    /// <param name="request">What is asked of it.</param>
    /// <param name="accepted">What the client is to hear first.</param>
    /// <param name="observer">The session.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">The session ends.</param>
    /// <exception cref="OperationCanceledException">The session ends, or the client left while it waited.</exception>
    /// <exception cref="ExecutorUnavailableException">There is no executor.</exception>
    /// <exception cref="IOException">The client or the executor is gone.</exception>
    public async Task ServeAsync(
        ExecutorPool pool, SessionRequest request, Accepted accepted, IConnectionObserver observer, TimeProvider time,
        CancellationToken stop)
    {
        var executor = await AcquireAsync(pool, request, observer, time, stop).ConfigureAwait(false);
        try
        {
            if (!TryKeep(executor))
            {
                return;
            }

            peer.Write(accepted, DeadlineOf(time));
            var ended = await ServeAsync(executor, observer, time).ConfigureAwait(false);
            StopReading(ended);
            observer.OnEnded(ended);
            await executor.ReleaseAsync().ConfigureAwait(false);
        }
        finally
        {
            StopReading(default);
            await executor.DisposeAsync().ConfigureAwait(false); // kills what was not released
        }
    }

    /// <summary>Hands another connection of the stream to its executor.</summary>
    /// <param name="other">The client's; belongs to this call.</param>
    /// <param name="accepted">What the client is to hear first.</param>
    /// <param name="time">Clock.</param>
    /// <returns>Why not; null: it was done.</returns>
    /// <exception cref="IOException">The client or the executor is gone.</exception>
    public string? TryResume(GatewayPeer other, Accepted accepted, TimeProvider time)
    {
        ExecutorSession? executor;
        lock (_lock)
        {
            executor = _isStreaming && !_isCut ? _executor : null;
        }

        if (executor is null || executor.Exited.IsCompleted || resumable is not { } take)
        {
            return "The program's stream has ended.";
        }

        other.Write(accepted, DeadlineOf(time));
        executor.Resume(other.Socket, take);
        other.Dispose();
        return null;
    }

    /// <summary>Keeps the connection until it ends. True: the client gives the session back.</summary>
    /// <exception cref="OperationCanceledException">The session ends.</exception>
    /// <exception cref="IOException">The connection is gone, or what comes is not a frame.</exception>
    public async Task<bool> HoldAsync(Accepted accepted, TimeProvider time, CancellationToken stop)
    {
        peer.Write(accepted, DeadlineOf(time));
        var plain = new NetworkStream(peer.Socket, ownsSocket: false);
        await using var stream = await SecureAsync(plain, stop).ConfigureAwait(false);
        var frame = await GatewayHandshake.ReadAsync(stream, stop).ConfigureAwait(false);
        return frame.Opcode == Opcode.Goodbye ? true : throw new ProtocolException(
            $"{frame.Opcode} #{frame.Sequence}: on a hold connection only Goodbye is said");
    }

    /// <summary>An executor; a client that leaves while it waits for one gives its turn up.</summary>
    private async Task<ExecutorSession> AcquireAsync(
        ExecutorPool pool, SessionRequest request, IConnectionObserver observer, TimeProvider time, CancellationToken stop)
    {
        var since = time.GetTimestamp();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var acquiring = pool.AcquireAsync(request, Deaf.Instance, left.Token);
        while (await Task.WhenAny(acquiring, Task.Delay(LookForPeer, time, stop)).ConfigureAwait(false) != acquiring)
        {
            if (stop.IsCancellationRequested || peer.HasLeft)
            {
                await left.CancelAsync().ConfigureAwait(false);
                break;
            }

            if (time.GetElapsedTime(since) > LongWait)
            {
                observer.OnLongWait();
                since = time.GetTimestamp();
            }
        }

        return await acquiring.ConfigureAwait(false);
    }

    private async Task<StreamEnded> ServeAsync(ExecutorSession executor, IConnectionObserver observer, TimeProvider time)
    {
        if (resumable is not { } take)
        {
            return await executor.ServeAsync(peer.Socket, certificate?.Take ?? default).ConfigureAwait(false);
        }

        return await executor.ServeAsync(
            peer.Socket,
            take,
            linked =>
            {
                lock (_lock)
                {
                    _lostAt = linked.IsLinked ? null : time.GetTimestamp();
                }

                observer.OnLinked(linked);
            }).ConfigureAwait(false);
    }

    private async Task<Stream> SecureAsync(NetworkStream plain, CancellationToken stop)
    {
        if (certificate is null)
        {
            return plain;
        }

        var secured = new SslStream(plain);
        try
        {
            await secured.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate.Certificate,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateRequired = certificate.Clients is not null,
                    RemoteCertificateValidationCallback = (_, shown, chain, _) =>
                        certificate.Clients is not { } clients || clients.Accepts(shown, chain),
                },
                stop).ConfigureAwait(false);
            return secured;
        }
        catch (AuthenticationException e)
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"TLS: {e.Message}", e);
        }
    }

    private bool TryKeep(ExecutorSession executor)
    {
        lock (_lock)
        {
            _executor = executor;
            _isStreaming = !_isCut;
            return !_isCut;
        }
    }

    /// <summary>The executor may serve another session from here on, so what it says is about that.</summary>
    private void StopReading(StreamEnded ended)
    {
        var use = ReadUse();
        lock (_lock)
        {
            _isStreaming = false;
            _lastUse = use.AtLeast(new StreamUse(0, (long)ended.BytesIn, (long)ended.BytesOut));
        }
    }

    private static long DeadlineOf(TimeProvider time) =>
        time.GetTimestamp() + (long)(AnswerTime.TotalSeconds * time.TimestampFrequency);

    private sealed class Deaf : ICommandObserver
    {
        public static readonly Deaf Instance = new();
    }
}

/// <summary>What a session hears of its connections, on any thread.</summary>
internal interface IConnectionObserver
{
    /// <summary>A stream has lost its connection, or has another one.</summary>
    void OnLinked(StreamLinked linked);

    /// <summary>A stream has ended.</summary>
    void OnEnded(StreamEnded ended);

    /// <summary>A connection waits long for an executor.</summary>
    void OnLongWait();
}
