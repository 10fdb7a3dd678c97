using System.Globalization;

namespace GpuActors.Shared.Jobs;

/// <summary>
/// A place in a JSON document (RFC 6901), such as <c>/steps/3/launch</c>. Kept as a chain to the root and written out
/// only when somebody reads it, since most places are never reported.
/// </summary>
public sealed class JsonPointer
{
    private readonly JsonPointer? _parent;
    private readonly string? _name;
    private readonly int _index;

    private JsonPointer(JsonPointer? parent, string? name, int index)
    {
        _parent = parent;
        _name = name;
        _index = index;
    }

    /// <summary>The whole document: the empty pointer.</summary>
    public static JsonPointer Root { get; } = new(null, null, 0);

    /// <summary>The member <paramref name="name"/> of the object at this place.</summary>
    public JsonPointer Field(string name) => new(this, name, 0);

    /// <summary>The element <paramref name="index"/> of the array at this place.</summary>
    public JsonPointer Item(int index) => new(this, null, index);

    /// <summary>The pointer as text.</summary>
    public override string ToString()
    {
        if (_parent is null)
        {
            return "";
        }

        var segment = _name is null
            ? _index.ToString(CultureInfo.InvariantCulture)
            : _name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        return $"{_parent}/{segment}";
    }
}
