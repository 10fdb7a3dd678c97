using System.Runtime.InteropServices;

namespace GpuActors.Shared.Resuming;

/// <summary>A piece of memory; laid out as the system's <c>iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct MemoryPiece
{
    /// <summary>Its first byte.</summary>
    public byte* Start;

    /// <summary>Bytes.</summary>
    public nuint Length;
}

/// <summary>What a link is waited for.</summary>
[Flags]
public enum LinkReadiness
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Bytes, or the end.</summary>
    Input = 1,

    /// <summary>Room for some KiB.</summary>
    Output = 2,
}

/// <summary>
/// One connection under a <see cref="ResumableStream"/>. One thread receives and one sends at a time; any may shut it down.
/// Nothing throws for a lost connection.
/// </summary>
public abstract unsafe class StreamLink
{
    /// <summary>The connection is lost.</summary>
    public const nint Gone = -1;

    /// <summary>Whether received bytes lie where waiting for the connection does not see them.</summary>
    public virtual bool HasReceived => false;

    /// <summary>Waits for bytes and takes at most so many. 0: the connection has ended, however.</summary>
    public abstract int Receive(byte* into, int bytes);

    /// <summary>Sends the pieces, or the first part of them.</summary>
    /// <param name="pieces">Of at least one byte.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="mayWait">False: the call comes back at once.</param>
    /// <returns>Bytes taken; 0: it would have to wait; or <see cref="Gone"/>.</returns>
    public abstract nint Send(MemoryPiece* pieces, int count, bool mayWait);

    /// <summary>Waits for one of these. A connection that is lost is ready for everything.</summary>
    public abstract LinkReadiness Wait(LinkReadiness wanted, int milliseconds);

    /// <summary>Ends the connection: whoever uses it comes back.</summary>
    public abstract void ShutDown();

    /// <summary>No thread uses it any more, as far as the stream is concerned.</summary>
    public abstract void Retire();
}

/// <summary>Makes another connection for a stream that has lost its own.</summary>
public interface ILinkSource
{
    /// <summary>Waits, and tries again, up to its bound.</summary>
    /// <param name="own">What the other side has to hear, but for the connection's number.</param>
    /// <param name="peer">What it said.</param>
    /// <returns>Null: there will be none.</returns>
    StreamLink? Connect(Opening own, out Opening peer);
}
