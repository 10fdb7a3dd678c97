namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// An ordered, reliable, duplex byte stream between the engine and its peer: a client, or the worker itself. At any time
/// at most one thread receives and one sends; any may shut it down.
/// </summary>
internal abstract unsafe class ClientTransport : IDisposable
{
    /// <summary><see cref="Send"/> took nothing because it was not to wait.</summary>
    public const nint WouldBlock = 0;

    /// <summary><see cref="Send"/> took nothing because the peer is gone.</summary>
    public const nint Gone = -1;

    /// <summary>Why the stream has ended, if it was neither the peer's will nor the engine's.</summary>
    public virtual string? EndText => null;

    /// <summary>
    /// What must be done before bytes go either way, on the thread that receives. False: there is no peer to talk to.
    /// </summary>
    public virtual bool Begin() => true;

    /// <summary>Waits for bytes and takes at most <paramref name="length"/>. 0: the stream has ended, however.</summary>
    public abstract int Receive(byte* into, int length);

    /// <summary>Sends what the vectors hold, or the first part of it.</summary>
    /// <param name="vectors">At least one byte in all.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="mayWait">False: the call comes back at once, whatever the peer does.</param>
    /// <returns>How many bytes were taken, <see cref="WouldBlock"/> or <see cref="Gone"/>.</returns>
    public abstract nint Send(Libc.IoVector* vectors, int count, bool mayWait);

    /// <summary>Ends both directions: whoever receives, sends or waits for the end comes back.</summary>
    public abstract void ShutDown();

    /// <summary>Waits until the peer is gone, has ended its direction, or <see cref="ShutDown"/> was called.</summary>
    public abstract void WaitForEnd();

    /// <summary>Nobody may use it any more.</summary>
    public abstract void Dispose();
}
