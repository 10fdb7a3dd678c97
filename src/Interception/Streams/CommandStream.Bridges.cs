namespace GpuActors.Interception.Streams;

internal sealed unsafe partial class CommandStream
{
    /// <summary>
    /// Half of the data of transfers that an executor holds. While a user event of its session is not set it refuses
    /// what goes beyond that, since the call that sets the event may be behind it.
    /// </summary>
    private const ulong MaxHeldBytes = 64 << 20;

    private readonly object _bridgeGate = new();
    private int _bridges;
    private ulong _heldBytes;

    /// <summary>A user event was made that the library will set: it stands for something on another stream.</summary>
    public void OpenBridge()
    {
        lock (_bridgeGate)
            _bridges++;
    }

    /// <summary>It was set.</summary>
    public void CloseBridge()
    {
        lock (_bridgeGate)
        {
            if (--_bridges > 0)
                return;
            _heldBytes = 0;
            Monitor.PulseAll(_bridgeGate);
        }
    }

    /// <summary>
    /// Before a transfer of the program: waits while the executor might have to refuse it because of such events.
    /// </summary>
    /// <param name="bytes">Of the transfer.</param>
    public void AwaitBridges(ulong bytes)
    {
        lock (_bridgeGate)
        {
            while (_bridges > 0 && _heldBytes + bytes > MaxHeldBytes && !IsLost)
                Monitor.Wait(_bridgeGate);
            if (_bridges > 0)
                _heldBytes += bytes;
        }
    }

    private void ForgetBridges()
    {
        lock (_bridgeGate)
            Monitor.PulseAll(_bridgeGate);
    }
}
