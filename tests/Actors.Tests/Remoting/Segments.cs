using System.Buffers;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>Bytes as a network delivers them: in pieces.</summary>
static class Segments
{
    public static ReadOnlySequence<byte> Cut(ReadOnlySpan<byte> bytes, int length)
    {
        var first = new Segment([], 0);
        var last = first;
        for (var at = 0; at < bytes.Length; at += length)
        {
            last = last.Append(bytes.Slice(at, Math.Min(length, bytes.Length - at)).ToArray());
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
