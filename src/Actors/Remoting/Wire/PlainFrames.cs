using System.Buffers;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>No protection of its own: for connections that TLS protects.</summary>
sealed class PlainFrameSealer : IFrameSealer
{
    public int OverheadBytes => 0;

    public void Seal(ReadOnlySpan<byte> plain, IBufferWriter<byte> output) => FrameCodec.Write(output, plain);

    public void Dispose()
    {
        // Holds nothing.
    }
}

/// <inheritdoc cref="PlainFrameSealer"/>
sealed class PlainFrameOpener : IFrameOpener
{
    FrameScratch _joined;

    public ReadOnlyMemory<byte> Open(in ReadOnlySequence<byte> frame) => _joined.Join(frame);

    public void Dispose()
    {
        // Holds nothing but memory.
    }
}
