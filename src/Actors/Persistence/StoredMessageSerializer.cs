using System.Buffers;

namespace GpuActors.Actors.Persistence;

/// <summary>Events and snapshots to JSON and back, through the system's registry of types and the upcasters.</summary>
internal sealed class StoredMessageSerializer(
    Serialization.Serialization serialization, IReadOnlyList<IEventUpcaster> upcasters)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    /// <exception cref="Serialization.SerializationException">The type isn't registered or can't be written.</exception>
    public StoredMessage Write(object message)
    {
        const int largestKept = 64 << 10;
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>();
        t_buffer = null; // a converter that serializes in turn must not find it in use
        var manifest = serialization.Serialize(message, buffer);
        var written = new StoredMessage(manifest, buffer.WrittenSpan.ToArray());
        buffer.ResetWrittenCount();
        if (buffer.Capacity <= largestKept)
            t_buffer = buffer;
        return written;
    }

    /// <exception cref="Serialization.SerializationException">The manifest is unknown or the JSON malformed.</exception>
    public object Read(string manifest, ReadOnlyMemory<byte> json)
    {
        var stored = new StoredMessage(manifest, json);
        foreach (var upcaster in upcasters)
            stored = upcaster.Upcast(stored);
        return serialization.Deserialize(stored.Manifest, new ReadOnlySequence<byte>(stored.Json));
    }
}
