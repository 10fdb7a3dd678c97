using System.Net.Sockets;
using GpuActors.Shared.Resuming;

namespace GpuActors.Interception.Streams;

/// <summary>One connection of a stream that may have another.</summary>
/// <param name="socket">What it runs over.</param>
/// <param name="transport">Belongs to the link, and the socket to it.</param>
/// <param name="isGathered">Small pieces are put together first: each would be a TLS record, and a system call, of its own.</param>
internal sealed unsafe class TransportLink(Socket socket, Transport transport, bool isGathered) : StreamLink
{
    /// <summary>A TLS record's most.</summary>
    private const int GatheredBytes = 16 << 10;

    private const int MaxPieces = 80;

    private readonly byte[] _gathered = GC.AllocateUninitializedArray<byte>(isGathered ? GatheredBytes : 0, pinned: true);

    public override bool HasReceived => transport.HasReceived;

    /// <summary>The connection's socket.</summary>
    public int Descriptor => transport.Descriptor;

    /// <summary>From here on receiving waits for as long as it takes.</summary>
    public void WaitForEver() => socket.ReceiveTimeout = 0;

    public override int Receive(byte* into, int bytes)
    {
        try
        {
            return transport.Receive(into, bytes);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return 0;
        }
    }

    public override nint Send(MemoryPiece* pieces, int count, bool mayWait)
    {
        Libc.Piece* copies = stackalloc Libc.Piece[MaxPieces]; // sending changes them
        int copied = Math.Min(count, MaxPieces);
        nint bytes = 0;
        for (var i = 0; i < copied; i++)
        {
            copies[i] = new Libc.Piece { Start = pieces[i].Start, Length = pieces[i].Length };
            bytes += (nint)pieces[i].Length;
        }
        try
        {
            transport.Send(isGathered ? Gather(copies, copied) : new Span<Libc.Piece>(copies, copied));
            return bytes;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return Gone;
        }
    }

    public override LinkReadiness Wait(LinkReadiness wanted, int milliseconds)
    {
        if ((wanted & LinkReadiness.Input) != 0 && HasReceived)
            return LinkReadiness.Input;
        var events = (short)(((wanted & LinkReadiness.Input) != 0 ? Libc.PollIn : 0)
            | ((wanted & LinkReadiness.Output) != 0 ? Libc.PollOut : 0));
        var descriptor = new Libc.PollDescriptor { Descriptor = Descriptor, Events = events };
        if (Libc.Poll(&descriptor, 1, milliseconds) <= 0)
            return LinkReadiness.None;
        const int Ended = Libc.PollError | Libc.PollHangUp;
        return ((descriptor.Returned & (Libc.PollIn | Ended)) != 0 ? wanted & LinkReadiness.Input : 0)
            | ((descriptor.Returned & (Libc.PollOut | Ended)) != 0 ? wanted & LinkReadiness.Output : 0);
    }

    public override void ShutDown()
    {
        try
        {
            transport.Shutdown();
        }
        catch (ObjectDisposedException)
        {
            // retired meanwhile
        }
    }

    public override void Retire() => transport.Dispose();

    private static bool IsEnd(Exception exception) =>
        exception is IOException or ObjectDisposedException or SocketException or InvalidOperationException;

    /// <summary>As many small pieces at the beginning as one record takes become one piece.</summary>
    private Span<Libc.Piece> Gather(Libc.Piece* pieces, int count)
    {
        if (count == 1 || pieces[0].Length >= GatheredBytes)
            return new Span<Libc.Piece>(pieces, count);
        var gathered = 0;
        var at = 0;
        while (at < count && gathered < GatheredBytes)
        {
            var length = (int)Math.Min(pieces[at].Length, (nuint)(GatheredBytes - gathered));
            new ReadOnlySpan<byte>(pieces[at].Start, length).CopyTo(_gathered.AsSpan(gathered));
            gathered += length;
            pieces[at].Start = (byte*)pieces[at].Start + length;
            pieces[at].Length -= (nuint)length;
            if (pieces[at].Length == 0)
                at++;
        }
        pieces[at - 1] = Buffered(gathered); // the first has been copied at least
        return new Span<Libc.Piece>(pieces + at - 1, count - at + 1);
    }

    private Libc.Piece Buffered(int length) =>
        new() { Start = (void*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_gathered, 0), Length = (nuint)length };
}
