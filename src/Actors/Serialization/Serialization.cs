using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// Messages as bytes: JSON through source-generated <see cref="JsonTypeInfo{T}"/> or an <see cref="IMessageCodec{T}"/>,
/// each type under a manifest, a short name that stays when the type is renamed. Only registered types travel; nothing
/// is found by reflection.
/// </summary>
public sealed class Serialization
{
    [ThreadStatic]
    private static ActorSystem? t_system;

    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<Type, Registration> _byType = new();
    private readonly ConcurrentDictionary<string, Registration> _byManifest = new();
    private readonly ConcurrentDictionary<string, Registration>.AlternateLookup<ReadOnlySpan<char>> _byManifestText;

    internal Serialization(ActorSystem system)
    {
        _system = system;
        _byManifestText = _byManifest.GetAlternateLookup<ReadOnlySpan<char>>();
        ControlMessages.RegisterAll(this);
    }

    internal static ActorSystem CurrentSystem => t_system ?? throw new InvalidOperationException(
        "A ref can only be written and read through ActorSystem.Serialization.");

    /// <summary>Makes a type able to travel and to be stored.</summary>
    /// <param name="manifest">Its name in what is sent or stored: unique, and the same on all nodes.</param>
    /// <param name="typeInfo">From a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="ArgumentException">The manifest is taken, or the type is registered under another.</exception>
    public void Register<T>(string manifest, JsonTypeInfo<T> typeInfo)
        where T : class => Register(new JsonRegistration<T, T>(manifest, typeInfo, static m => m, static m => m));

    /// <summary>As above, for a message that has its own binary form.</summary>
    public void Register<T>(string manifest, IMessageCodec<T> codec)
        where T : class => Register(new BinaryRegistration<T>(manifest, codec));

    /// <summary>Makes a type able to travel that is listed where actors are not known.</summary>
    public void Register(string manifest, JsonTypeInfo typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        Register(new UntypedJsonRegistration(manifest, typeInfo));
    }

    /// <summary>As above, for a message that travels as something else.</summary>
    internal void Register<T, TContent>(string manifest, JsonTypeInfo<TContent> typeInfo,
        Func<T, TContent> toContent, Func<TContent, T> fromContent)
        where T : class => Register(new JsonRegistration<T, TContent>(manifest, typeInfo, toContent, fromContent));

    /// <summary>True when messages of this type can travel.</summary>
    public bool IsRegistered(Type type) => _byType.ContainsKey(type);

    /// <summary>The manifest of a type of messages.</summary>
    /// <exception cref="SerializationException">It is not registered.</exception>
    public string ManifestOf(Type type) => Find(type).Manifest;

    /// <summary>Writes a message and returns its manifest.</summary>
    /// <exception cref="SerializationException">Its type is not registered, or it cannot be written.</exception>
    public string Serialize(object message, IBufferWriter<byte> destination)
    {
        var registration = Find(message.GetType());
        var outer = t_system;
        t_system = _system;
        try
        {
            registration.Write(destination, message);
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
    public object Deserialize(string manifest, in ReadOnlySequence<byte> bytes) =>
        Deserialize(manifest.AsSpan(), bytes);

    /// <inheritdoc cref="Deserialize(string, in ReadOnlySequence{byte})"/>
    internal object Deserialize(ReadOnlySpan<char> manifest, in ReadOnlySequence<byte> bytes)
    {
        if (!_byManifestText.TryGetValue(manifest, out var registration))
        {
            throw new SerializationException($"No type is registered under the manifest '{manifest}'.");
        }

        var outer = t_system;
        t_system = _system;
        try
        {
            return registration.Read(bytes);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or FormatException or ArgumentException
            or InvalidOperationException)
        {
            throw new SerializationException($"Malformed '{manifest}': {e.Message}", e);
        }
        finally
        {
            t_system = outer;
        }
    }

    /// <inheritdoc cref="Deserialize(string, in ReadOnlySequence{byte})"/>
    public object Deserialize(string manifest, ReadOnlyMemory<byte> bytes) =>
        Deserialize(manifest, new ReadOnlySequence<byte>(bytes));

    private Registration Find(Type type) => _byType.TryGetValue(type, out var registration)
        ? registration
        : throw new SerializationException(
            $"{type} is not registered for serialization; call Serialization.Register.");

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
}
