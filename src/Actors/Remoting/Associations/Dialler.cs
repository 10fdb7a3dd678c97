using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Opens a connection to one peer: again and again, each time after a longer wait (doubled up to a limit, plus up to a
/// half of it at random so that many nodes do not come at once), until it has one or nobody wants it any more.
/// </summary>
#pragma warning disable CA1001 // _stop has neither timer nor handle, and may be cancelled after the last attempt
sealed class Dialler(RemoteNode node, Association association) : IThreadPoolWorkItem
{
#pragma warning restore CA1001
    readonly CancellationTokenSource _stop = new();
    volatile bool _isInHandshake;
    int _failures;

    /// <summary>Whether a call has reached the peer and waits for its answer.</summary>
    public bool IsInHandshake => _isInHandshake;

    RemoteSettings Settings => node.Settings;

    public void Start() => node.System.Runtime.Execute(this);

    public void Cancel() => _stop.Cancel();

    public void Execute() => _ = RunAsync();

    async Task RunAsync()
    {
        try
        {
            while (association.WantsDial(this) && !await TryDialAsync())
            {
                await Task.Delay(NextDelay(), node.Time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Called off: the peer's own call was taken, or the node shuts down.
        }
        catch (Exception e)
        {
            node.Log.Logger.LogError(e, "Dialling {RemoteAddress} failed", association.RemoteAddress);
        }
    }

    async Task<bool> TryDialAsync()
    {
        try
        {
            return await DialAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException
            || (e is OperationCanceledException && !_stop.IsCancellationRequested))
        {
            Failed(e);
            return false;
        }
        finally
        {
            _isInHandshake = false;
        }
    }

    async Task<bool> DialAsync()
    {
        var (host, port) = (association.RemoteAddress.Host!, association.RemoteAddress.Port!.Value);
        INetworkConnection connection;
        using (var deadline = new Deadline(Settings.ConnectTimeout, node.Time, _stop.Token))
        {
            connection = await node.Network.ConnectAsync(host, port, deadline.Token);
        }

        Session? session = null;
        var isAdopted = false;
        try
        {
            using var deadline = new Deadline(Settings.HandshakeTimeout, node.Time, _stop.Token);
            _isInHandshake = true;
            session = await node.Handshake.DialAsync(
                connection, association.RemoteAddress.ToString(), association.LastSession, deadline.Token);
            var link = new Link(connection, session, welcome: null, node.Time.GetTimestamp());
            isAdopted = association.TryAdopt(this, link);
            return true; // If it was not wanted any more, nor is another attempt.
        }
        finally
        {
            if (!isAdopted)
            {
                session?.Dispose();
                await connection.DisposeAsync();
            }
        }
    }

    void Failed(Exception failure)
    {
        _failures++;
        var handshake = failure as HandshakeException;
        if (handshake is { Reason: RefusalReason.Quarantined, IsAuthentic: true })
        {
            node.Publish(new ThisActorSystemQuarantinedEvent(association.RemoteAddress));
        }

        // Two nodes that call each other at once agree on one of the calls; the peer is well.
        var isRoutine = handshake?.Reason is RefusalReason.SimultaneousOpen or RefusalReason.AlreadyConnected;
        node.Log.Limited($"dial {association.RemoteAddress} {handshake?.Reason}").Log(
            isRoutine ? LogLevel.Debug : LogLevel.Warning,
            "No connection to {RemoteAddress}: {Problem}",
            association.RemoteAddress,
            failure is OperationCanceledException ? "no answer in time" : failure.Message);
        if (!isRoutine)
        {
            association.DialFailed();
        }
    }

    TimeSpan NextDelay()
    {
        var doubled = Settings.ReconnectDelayMin * Math.Pow(2, Math.Min(_failures - 1, 30));
        var capped = doubled < Settings.ReconnectDelayMax ? doubled : Settings.ReconnectDelayMax;
        return capped * (1 + (0.5 * node.System.Runtime.Random.NextDouble()));
    }
}

/// <summary>A token that is cancelled after a time by the runtime's clock, or by another token.</summary>
sealed class Deadline : IDisposable
{
    readonly CancellationTokenSource _source;
    readonly CancellationTokenRegistration _registration;

    public Deadline(TimeSpan after, TimeProvider time, CancellationToken outer)
    {
        _source = new CancellationTokenSource(after, time);
        _registration = outer.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
