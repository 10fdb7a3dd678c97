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

/// <summary>As JSON.</summary>
internal abstract class JsonRegistration(string manifest, Type type) : Registration(manifest, type)
{
    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public override void Write(IBufferWriter<byte> destination, object message)
    {
        var writer = t_writer ?? new Utf8JsonWriter(destination);
        t_writer = null; // a converter that serializes in turn must not find it in use
        writer.Reset(destination);
        WriteJson(writer, message);
        writer.Flush();
        t_writer = writer;
    }

    public override object Read(in ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        var message = ReadJson(ref reader);
        return message is null || reader.Read()
            ? throw new JsonException(message is null ? "null is no message." : "There is more than one value.")
            : message;
    }

    protected abstract void WriteJson(Utf8JsonWriter writer, object message);

    protected abstract object? ReadJson(ref Utf8JsonReader reader);
}

/// <summary>As JSON, of the message itself or of what it travels as.</summary>
internal sealed class JsonRegistration<T, TContent>(string manifest, JsonTypeInfo<TContent> typeInfo,
    Func<T, TContent> toContent, Func<TContent, T> fromContent) : JsonRegistration(manifest, typeof(T))
    where T : class
{
    protected override void WriteJson(Utf8JsonWriter writer, object message) =>
        JsonSerializer.Serialize(writer, toContent((T)message), typeInfo);

    protected override object? ReadJson(ref Utf8JsonReader reader) =>
        JsonSerializer.Deserialize(ref reader, typeInfo) is { } content ? fromContent(content) : null;
}

/// <summary>As JSON of a type that is known only when the program runs.</summary>
internal sealed class UntypedJsonRegistration(string manifest, JsonTypeInfo typeInfo)
    : JsonRegistration(manifest, typeInfo.Type)
{
    protected override void WriteJson(Utf8JsonWriter writer, object message) =>
        JsonSerializer.Serialize(writer, message, typeInfo);

    protected override object? ReadJson(ref Utf8JsonReader reader) => JsonSerializer.Deserialize(ref reader, typeInfo);
}
