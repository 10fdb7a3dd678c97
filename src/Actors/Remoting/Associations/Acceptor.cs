using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Wire;
using GpuActors.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Takes calls. Until a caller has proved itself it costs one handshake, short, small and counted; nothing that it says
/// reaches beyond this class.
/// </summary>
#pragma warning disable CA1001 // _stop has neither timer nor handle, and outlives the handshakes that it ends
sealed class Acceptor(RemoteNode node, INetworkListener listener) : IThreadPoolWorkItem
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

#pragma warning restore CA1001
    readonly CancellationTokenSource _stop = new();
    readonly Lock _gate = new();
    readonly Dictionary<string, int> _pendingOfHost = [];
    int _pending;

    public void Start() => node.System.Runtime.Execute(this);

    public void Execute() => _ = RunAsync();

    public async Task StopAsync()
    {
        await listener.DisposeAsync();
#pragma warning disable VSTHRD103 // CancelAsync would go through the thread pool behind the runtime's back
        _stop.Cancel();
#pragma warning restore VSTHRD103
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await listener.AcceptAsync(_stop.Token) is not { } connection)
                {
                    return;
                }

                _ = ReceiveAsync(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it was: a node that stopped listening would be worse than one that tries again.
                node.Log.Limited("accept").LogError("No connections can be accepted: {Problem}", e.Message);
                await Task.Delay(RetryDelay, node.Time);
            }
        }
    }

    async Task ReceiveAsync(INetworkConnection connection)
    {
        var host = HostOf(connection.RemoteAddress);
        if (!TryEnter(host))
        {
            node.Log.Limited("handshakes").LogWarning(
                "A caller from {Host} is hung up on: too many handshakes are pending", host);
            await connection.DisposeAsync();
            return;
        }

        var isAdopted = false;
        try
        {
            using var deadline = new Deadline(node.Settings.HandshakeTimeout, node.Time, _stop.Token);
            isAdopted = await ShakeHandsAsync(connection, deadline.Token);
        }
        catch (Exception e)
        {
            Failed(connection, host, e);
        }
        finally
        {
            Leave(host);
            if (!isAdopted)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>True when the connection belongs to an association now.</summary>
    async Task<bool> ShakeHandsAsync(INetworkConnection connection, CancellationToken cancellationToken)
    {
        var caller = await node.Handshake.AcceptAsync(connection, cancellationToken);
        var reason = Offer(connection, caller);
        if (reason is { } refused)
        {
            caller.Session.Dispose();
            await Handshake.RefuseAsync(connection, caller, refused, cancellationToken);
        }

        return reason is null;
    }

    RefusalReason? Offer(INetworkConnection connection, Caller caller)
    {
        var association = node.Associations.GetOrAdd(Address.Parse(caller.Session.RemoteAddress));
        var link = new Link(connection, caller.Session, caller.Welcome, node.Time.GetTimestamp());
        return association is null ? RefusalReason.TooManyPeers : association.TryAccept(link, caller.LastSession);
    }

    void Failed(INetworkConnection connection, string host, Exception failure)
    {
        var problem = failure switch
        {
            OperationCanceledException => "it did not finish its handshake in time",
            HandshakeException or WireFormatException or IOException => failure.Message,
            _ => failure.ToString(),
        };
        node.Log.Limited($"call {host}").LogWarning(
            "A call from {RemoteAddress} was refused: {Problem}", connection.RemoteAddress, problem);
    }

    bool TryEnter(string host)
    {
        lock (_gate)
        {
            var ofHost = _pendingOfHost.GetValueOrDefault(host);
            if (_pending >= node.Settings.MaxPendingHandshakes || ofHost >= node.Settings.MaxPendingHandshakesPerHost)
            {
                return false;
            }

            _pending++;
            _pendingOfHost[host] = ofHost + 1;
            return true;
        }
    }

    void Leave(string host)
    {
        lock (_gate)
        {
            _pending--;
            if (--_pendingOfHost[host] == 0)
            {
                _pendingOfHost.Remove(host);
            }
        }
    }

    static string HostOf(string remoteAddress)
    {
        var colon = remoteAddress.LastIndexOf(':');
        return colon < 0 ? remoteAddress : remoteAddress[..colon];
    }
}
