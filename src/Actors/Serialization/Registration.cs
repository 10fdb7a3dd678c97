using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuActors.Actors.Serialization;

/// <summary>How one type of message is written and read.</summary>
internal abstract class Registration(string manifest, Type type)
{
    public string Manifest => manifest;

    public Type Type => type;

    public abstract void Write(IBufferWriter<byte> destination, object message);

    public abstract object Read(in ReadOnlySequence<byte> source);
}

/// <summary>In its own binary form.</summary>
internal sealed class BinaryRegistration<T>(string manifest, IMessageCodec<T> codec) : Registration(manifest, typeof(T))
    where T : class
{
    public override void Write(IBufferWriter<byte> destination, object message) =>
        codec.Write(destination, (T)message);

    public override object Read(in ReadOnlySequence<byte> source) => codec.Read(source);
}

/// <summary>As JSON, of the message itself or of what it travels as.</summary>
internal sealed class JsonRegistration<T, TContent>(string manifest, JsonTypeInfo<TContent> typeInfo,
    Func<T, TContent> toContent, Func<TContent, T> fromContent) : Registration(manifest, typeof(T))
    where T : class
{
    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public override void Write(IBufferWriter<byte> destination, object message)
    {
        var writer = t_writer ?? new Utf8JsonWriter(destination);
        t_writer = null; // a converter that serializes in turn must not find it in use
        writer.Reset(destination);
        JsonSerializer.Serialize(writer, toContent((T)message), typeInfo);
        writer.Flush();
        t_writer = writer;
    }

    public override object Read(in ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        var content = JsonSerializer.Deserialize(ref reader, typeInfo);
        return content is null || reader.Read()
            ? throw new JsonException(content is null ? "null is no message." : "There is more than one value.")
            : fromContent(content);
    }
}
