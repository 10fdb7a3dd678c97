namespace GpuActors.Interception.Streams;

/// <summary>An ordered, reliable, duplex byte stream. One thread sends and one receives at a time.</summary>
internal abstract unsafe class Transport : IDisposable
{
    /// <summary>The socket, to wait on.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Whether received bytes lie here already, where waiting on the socket does not see them.</summary>
    public virtual bool HasReceived => false;

    /// <summary>Waits for bytes, and takes at most so many. 0: the stream has ended.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public abstract int Receive(byte* into, int bytes);

    /// <summary>Sends all of the pieces. They may be changed by it.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public abstract void Send(Span<Libc.Piece> pieces);

    /// <summary>Ends the connection: whoever receives gets 0.</summary>
    public abstract void Shutdown();

    public abstract void Dispose();
}
