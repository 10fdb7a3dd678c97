using GpuActors.Shared.Resuming;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// One connection of a stream that may have another: a TCP socket, or one inside TLS. It is closed once neither the stream
/// nor the watch uses it.
/// </summary>
/// <param name="socket">The connected socket.</param>
/// <param name="transport">What bytes go through: the socket itself, or TLS over it. Belongs to the link.</param>
internal sealed unsafe class EngineLink(SocketTransport socket, ClientTransport transport) : StreamLink
{
    private readonly Lock _gate = new();
    private int _users = 1;

    public override bool HasReceived => transport is TlsTransport { HasReceived: true };

    /// <summary>What must be done before bytes go either way. False: there is no peer to talk to.</summary>
    public bool Begin() => transport.Begin();

    public override int Receive(byte* into, int bytes) => transport.Receive(into, bytes);

    public override nint Send(MemoryPiece* pieces, int count, bool mayWait) =>
        transport.Send((Libc.IoVector*)pieces, count, mayWait);

    public override LinkReadiness Wait(LinkReadiness wanted, int milliseconds)
    {
        if ((wanted & LinkReadiness.Input) != 0 && HasReceived)
            return LinkReadiness.Input;
        var events = (short)(((wanted & LinkReadiness.Input) != 0 ? Libc.PollIn : 0)
            | ((wanted & LinkReadiness.Output) != 0 ? Libc.PollOut : 0));
        short ready = socket.Wait(events, milliseconds);
        const int Ended = Libc.PollErr | Libc.PollHangUp;
        return ((ready & (Libc.PollIn | Ended)) != 0 ? wanted & LinkReadiness.Input : 0)
            | ((ready & (Libc.PollOut | Ended)) != 0 ? wanted & LinkReadiness.Output : 0);
    }

    /// <summary>Waits until the peer is gone or has ended its direction, as far as the socket knows.</summary>
    public void WaitForHangUp() => transport.WaitForEnd();

    public override void ShutDown()
    {
        lock (_gate)
        {
            if (_users > 0)
                transport.ShutDown(); // later its number may be another's
        }
    }

    /// <summary>One more user, who has to call <see cref="Retire"/>. False: it is closed.</summary>
    public bool TryUse()
    {
        lock (_gate)
        {
            if (_users == 0)
                return false;
            _users++;
            return true;
        }
    }

    public override void Retire()
    {
        lock (_gate)
        {
            if (--_users > 0)
                return;
        }
        transport.Dispose();
    }
}
