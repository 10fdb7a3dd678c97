using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;

namespace GpuActors.Interception.Memory;

/// <summary>Bytes of the program's memory; none at all by default.</summary>
internal readonly unsafe struct HostRange(void* start, ulong bytes)
{
    private readonly nuint _first = (nuint)start;
    private readonly nuint _end = (nuint)start + (nuint)bytes;

    public bool IsEmpty => _end <= _first;

    public bool Overlaps(in HostRange other) => _first < other._end && other._first < _end;
}

/// <summary>
/// The program's memory into which reads that nobody waits for are still to put data. A write from there takes its data
/// when it is called, and so must come after them: programs order the two by a queue or by events alone.
/// </summary>
internal static class ExpectedData
{
    private static readonly Lock Gate = new();
    private static readonly List<Expected> Reads = [];
    private static int _count;

    /// <summary>A read was sent whose data will come.</summary>
    public static void Add(CommandStream stream, in HostRange range, Reply reply)
    {
        if (range.IsEmpty)
            return;
        var expected = new Expected(stream, range, reply);
        lock (Gate)
        {
            Reads.Add(expected);
            Volatile.Write(ref _count, Reads.Count);
        }
        reply.ContinueWith(() => Remove(expected));
    }

    /// <summary>
    /// Waits for the data that are to come into the range. Not while a user event is unset: the read may wait for the
    /// program itself, which then has to order the two by a wait.
    /// </summary>
    public static void Await(in HostRange range)
    {
        while (Volatile.Read(ref _count) > 0 && !ClEvent.AnyUserEventIsUnset && Find(range) is { } expected)
        {
            expected.Stream.Flush();
            expected.Stream.Wait(expected.Reply);
            Remove(expected);
        }
    }

    private static Expected? Find(in HostRange range)
    {
        lock (Gate)
        {
            foreach (Expected expected in Reads)
            {
                if (expected.Range.Overlaps(range))
                    return expected;
            }
            return null;
        }
    }

    private static void Remove(Expected expected)
    {
        lock (Gate)
        {
            Reads.Remove(expected);
            Volatile.Write(ref _count, Reads.Count);
        }
    }

    private sealed class Expected(CommandStream stream, HostRange range, Reply reply)
    {
        public CommandStream Stream => stream;

        public HostRange Range => range;

        public Reply Reply => reply;
    }
}
