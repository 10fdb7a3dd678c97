using System.Buffers;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>The sending half of how one connection's frames are protected; used by its writer alone.</summary>
interface IFrameSealer : IDisposable
{
    /// <summary>Bytes that protection adds to a frame.</summary>
    int OverheadBytes { get; }

    /// <summary>Appends <paramref name="plain"/> as one protected frame, header included.</summary>
    void Seal(ReadOnlySpan<byte> plain, IBufferWriter<byte> output);
}

/// <summary>The receiving half; used by the connection's reader alone.</summary>
interface IFrameOpener : IDisposable
{
    /// <summary>
    /// The content of a received frame. It stays valid until the next call; it may lie in the received buffers.
    /// </summary>
    /// <exception cref="WireFormatException">The frame is not what the peer sent next.</exception>
    ReadOnlyMemory<byte> Open(in ReadOnlySequence<byte> frame);
}

/// <summary>A buffer that grows to what is asked of it and shrinks again after an exceptionally long frame.</summary>
struct FrameScratch
{
    const int KeptBytes = 256 * 1024;

    byte[]? _bytes;

    public byte[] Of(int length)
    {
        if (_bytes is null || _bytes.Length < length || (_bytes.Length > KeptBytes && length <= KeptBytes))
        {
            _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(length, 4096));
        }

        return _bytes;
    }

    /// <summary>A frame as one piece: where it lies when it is one already, otherwise copied here.</summary>
    public ReadOnlyMemory<byte> Join(in ReadOnlySequence<byte> frame)
    {
        if (frame.IsSingleSegment)
        {
            return frame.First;
        }

        var length = (int)frame.Length;
        var bytes = Of(length);
        frame.CopyTo(bytes);
        return bytes.AsMemory(0, length);
    }
}
