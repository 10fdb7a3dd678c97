using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>Content of a new object that is too long for its creation: written by a queue that nobody else sees.</summary>
internal static class InitialContent
{
    /// <summary>Bytes that travel with a creation; the protocol's limit.</summary>
    public const ulong MaxBytes = 64 << 20;

    /// <summary>Writes, and waits until it is done: the program's queues do not know of this one.</summary>
    /// <param name="context">The object's.</param>
    /// <param name="slice">Index of the slice that gets it.</param>
    /// <param name="write">Enqueues the writes on the queue with this id.</param>
    public static void Write(ClContext context, int slice, Action<ulong> write)
    {
        CommandStream stream = context.Streams[slice];
        ulong queue = stream.NextId();
        stream.Send(new CreateQueue(queue, context.Id, context.DeviceOn(slice).Id, QueueFlags.None));
        try
        {
            write(queue);
            stream.Ask<Finish, Done>(new Finish(queue));
        }
        finally
        {
            stream.Release(queue);
        }
    }
}
