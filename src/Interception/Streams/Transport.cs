namespace GpuActors.Interception.Streams;

/// <summary>An ordered, reliable, duplex byte stream. One thread sends and one receives at a time.</summary>
internal abstract unsafe class Transport : IDisposable
{
    /// <summary><see cref="Receive"/> was not to wait, and nothing was there.</summary>
    public const int NothingYet = -1;

    /// <summary>The socket, to wait on after <see cref="MaySleep"/>.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Whether received bytes lie here already, where waiting on the socket does not see them.</summary>
    public virtual bool HasReceived => false;

    /// <summary>Whether some KiB can be sent without waiting.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>
    /// Announces that a thread is going to wait on <see cref="Descriptor"/> for bytes. False: some may be there already,
    /// and waiting would not see them. Any thread may ask.
    /// </summary>
    public virtual bool MaySleep() => !HasReceived;

    /// <summary>Takes at most so many bytes, and waits for the first. 0: the stream has ended.</summary>
    /// <param name="into">Where they go.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="mayWait">False: <see cref="NothingYet"/> instead of waiting.</param>
    /// <exception cref="IOException">The connection is lost.</exception>
    public abstract int Receive(byte* into, int bytes, bool mayWait = true);

    /// <summary>Sends all of the pieces. They may be changed by it.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public abstract void Send(Span<Libc.Piece> pieces);

    /// <summary>Ends the connection: whoever receives gets 0.</summary>
    public abstract void Shutdown();

    public abstract void Dispose();
}
