using System.Globalization;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>Actor paths as they cross a connection: <c>/user/a#uid</c> on one of its two ends, or in full.</summary>
static class WirePath
{
    const string TemporaryPrefix = "/temp/";

    /// <summary>True for the sender of an Ask, whose path serves for one message.</summary>
    public static bool IsTemporary(ActorPath path) =>
        !path.IsRoot && path.Parent.Name == "temp" && path.Parent.Parent.IsRoot;

    /// <inheritdoc cref="IsTemporary(ActorPath)"/>
    public static bool IsTemporary(string wirePath) => wirePath.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Names and uid without an address.</summary>
    public static string WithoutAddress(ActorPath path)
    {
        var names = IsTemporary(path) ? TemporaryPrefix + path.Name : path.ToStringWithoutAddress();
        return path.Uid == 0 ? names : string.Create(CultureInfo.InvariantCulture, $"{names}#{path.Uid}");
    }

    /// <summary>A sender's path: relative when it lives on the sending node.</summary>
    public static string OfSender(ActorPath path, Address localAddress) =>
        path.Address.HasLocalScope || path.Address == localAddress
            ? WithoutAddress(path)
            : path.ToSerializationFormat();

    /// <summary>The path that names and uid make below an address.</summary>
    /// <exception cref="WireFormatException">The text is not a path.</exception>
    public static ActorPath Parse(string wirePath, Address address) =>
        wirePath.StartsWith('/')
            && ActorPath.TryParseElements(ActorPath.Root(address), wirePath.AsSpan(1), out var path)
            ? path
            : throw new WireFormatException($"'{wirePath}' is not an actor's path");
}
