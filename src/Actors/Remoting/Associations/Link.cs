using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>One open connection of an association, from the end of its handshake to its close.</summary>
sealed class Link(INetworkConnection connection, Session session, byte[]? welcome, long now)
{
    // Completed inline on purpose: the next link's reader goes on where this one's ended.
    readonly TaskCompletionSource _readerStopped = new();
    string? _closeReason;
    long _lastReceived = now;
    long _lastSent = now;

    public INetworkConnection Connection => connection;

    public Session Session => session;

    /// <summary>The frame that ends the handshake of a dialled node; the writer sends it before all else.</summary>
    public byte[]? Welcome => welcome;

    /// <summary>
    /// Whether the peer is known to use this link: a node that dialled has been welcomed, a node that was dialled has
    /// received a frame. Until then a new handshake of the same peer replaces the link without question.
    /// </summary>
    public bool IsConfirmed { get; set; } = welcome is null;

    /// <summary>Completes when nothing more of this link will be delivered.</summary>
    public Task ReaderStopped => _readerStopped.Task;

    /// <summary>Why it was closed; null while it is open.</summary>
    public string? CloseReason => Volatile.Read(ref _closeReason);

    public bool IsClosed => CloseReason is not null;

    /// <summary>Timestamp of the newest bytes from the peer.</summary>
    public long LastReceived
    {
        get => Volatile.Read(ref _lastReceived);
        set => Volatile.Write(ref _lastReceived, value);
    }

    /// <summary>Timestamp of the newest frame to the peer.</summary>
    public long LastSent
    {
        get => Volatile.Read(ref _lastSent);
        set => Volatile.Write(ref _lastSent, value);
    }

    /// <summary>Aborts the connection; false when somebody else has.</summary>
    public bool TryClose(string reason)
    {
        if (Interlocked.CompareExchange(ref _closeReason, reason, null) is not null)
        {
            return false;
        }

        _ = AbortAsync();
        return true;
    }

    public void MarkReaderStopped() => _readerStopped.TrySetResult();

    async Task AbortAsync()
    {
        try
        {
            connection.Input.CancelPendingRead();
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Closing a connection that is broken already.
        }
    }
}
