using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// Messages as bytes: JSON through source-generated <see cref="JsonTypeInfo{T}"/>, each type under a manifest, a short
/// name that stays when the type is renamed. Only registered types travel; nothing is found by reflection.
/// </summary>
public sealed class Serialization
{
    [ThreadStatic]
    private static ActorSystem? t_system;

    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<Type, Registration> _byType = new();
    private readonly ConcurrentDictionary<string, Registration> _byManifest = new();

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    internal Serialization(ActorSystem system)
    {
        _system = system;
        ControlMessages.RegisterAll(this);
    }

    internal static ActorSystem CurrentSystem => t_system ?? throw new InvalidOperationException(
        "A ref can only be written and read through ActorSystem.Serialization.");

    /// <summary>Makes a type able to travel and to be stored.</summary>
    /// <param name="manifest">Its name in what is sent or stored: unique, and the same on all nodes.</param>
    /// <param name="typeInfo">From a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="ArgumentException">The manifest is taken, or the type is registered under another.</exception>
    public void Register<T>(string manifest, JsonTypeInfo<T> typeInfo)
        where T : class => Register(new Registration<T, T>(manifest, typeInfo, static m => m, static m => m));

    /// <summary>As above, for lists of types that are put together where actors are not known.</summary>
    public void Register(string manifest, JsonTypeInfo typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        Register(new UntypedRegistration(manifest, typeInfo));
    }

    /// <summary>As above, for a message that travels as something else.</summary>
    internal void Register<T, TContent>(string manifest, JsonTypeInfo<TContent> typeInfo,
        Func<T, TContent> toContent, Func<TContent, T> fromContent)
        where T : class => Register(new Registration<T, TContent>(manifest, typeInfo, toContent, fromContent));

    /// <summary>True when messages of this type can travel.</summary>
    public bool IsRegistered(Type type) => _byType.ContainsKey(type);

    /// <summary>Writes a message and returns its manifest.</summary>
    /// <exception cref="SerializationException">Its type is not registered, or it cannot be written.</exception>
    public string Serialize(object message, IBufferWriter<byte> destination)
    {
        if (!_byType.TryGetValue(message.GetType(), out var registration))
        {
            throw new SerializationException(
                $"{message.GetType()} is not registered for serialization; call Serialization.Register.");
        }

        var outer = t_system;
        t_system = _system;
        var writer = t_writer ?? new Utf8JsonWriter(destination);
        t_writer = null; // a converter that serializes in turn must not find it in use
        writer.Reset(destination);
        try
        {
            registration.Write(writer, message);
            writer.Flush();
            t_writer = writer;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new SerializationException($"{message.GetType()} could not be written: {e.Message}", e);
        }
        finally
        {
            t_system = outer;
        }

        return registration.Manifest;
    }

    /// <summary>Reads a message.</summary>
    /// <exception cref="SerializationException">The manifest is unknown or the bytes are malformed.</exception>
    public object Deserialize(string manifest, ReadOnlySequence<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        return Read(manifest, ref reader);
    }

    /// <inheritdoc cref="Deserialize(string, ReadOnlySequence{byte})"/>
    public object Deserialize(string manifest, ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        return Read(manifest, ref reader);
    }

    private void Register(Registration added)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(added.Manifest);
        var known = _byManifest.GetOrAdd(added.Manifest, added);
        if (known.Type != added.Type)
        {
            throw new ArgumentException($"Manifest '{added.Manifest}' belongs to {known.Type}.", nameof(added));
        }

        var registered = _byType.GetOrAdd(added.Type, added).Manifest;
        if (registered != added.Manifest)
        {
            throw new ArgumentException($"{added.Type} has the manifest '{registered}' already.", nameof(added));
        }
    }

    private object Read(string manifest, ref Utf8JsonReader reader)
    {
        if (!_byManifest.TryGetValue(manifest, out var registration))
        {
            throw new SerializationException($"No type is registered under the manifest '{manifest}'.");
        }

        var outer = t_system;
        t_system = _system;
        try
        {
            var message = registration.Read(ref reader);
            if (message is null || reader.Read())
            {
                throw new JsonException(message is null ? "null is no message." : "There is more than one value.");
            }

            return message;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or FormatException or ArgumentException)
        {
            throw new SerializationException($"Malformed '{manifest}': {e.Message}", e);
        }
        finally
        {
            t_system = outer;
        }
    }

    private abstract class Registration(string manifest, Type type)
    {
        public string Manifest => manifest;

        public Type Type => type;

        public abstract void Write(Utf8JsonWriter writer, object message);

        public abstract object? Read(ref Utf8JsonReader reader);
    }

    private sealed class UntypedRegistration(string manifest, JsonTypeInfo typeInfo)
        : Registration(manifest, typeInfo.Type)
    {
        public override void Write(Utf8JsonWriter writer, object message) =>
            JsonSerializer.Serialize(writer, message, typeInfo);

        public override object? Read(ref Utf8JsonReader reader) => JsonSerializer.Deserialize(ref reader, typeInfo);
    }

    private sealed class Registration<T, TContent>(string manifest, JsonTypeInfo<TContent> typeInfo,
        Func<T, TContent> toContent, Func<TContent, T> fromContent) : Registration(manifest, typeof(T))
        where T : class
    {
        public override void Write(Utf8JsonWriter writer, object message) =>
            JsonSerializer.Serialize(writer, toContent((T)message), typeInfo);

        public override object? Read(ref Utf8JsonReader reader) =>
            JsonSerializer.Deserialize(ref reader, typeInfo) is { } content ? fromContent(content) : null;
    }
}
