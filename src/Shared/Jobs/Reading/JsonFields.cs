using System.Text.Json;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>
/// The fields of a JSON object, to be taken one by one; <see cref="RefuseOthers"/> then reports those that nobody
/// asked for, with the names that are allowed.
/// </summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _allowed = [];
    private readonly ProblemList _problems;

    private JsonFields(JsonPointer place, ProblemList problems)
    {
        Place = place;
        _problems = problems;
    }

    public JsonPointer Place { get; }

    /// <summary>How many fields there are.</summary>
    public int Count => _fields.Count;

    /// <summary>Opens an object; reports and returns null if it is none.</summary>
    public static JsonFields? Open(JsonValue value, string what)
    {
        if (!value.IsObject)
        {
            return value.Refuse<JsonFields>($"must be an object with {what}");
        }

        var fields = new JsonFields(value.Place, value.Problems);
        foreach (var property in value.Element.EnumerateObject())
        {
            fields.Add(property);
        }

        return fields;
    }

    /// <summary>The field, or null if it is absent.</summary>
    public JsonValue? Optional(string name)
    {
        _allowed.Add(name);
        return _fields.TryGetValue(name, out var element) ? new JsonValue(element, Place.Field(name), _problems) : null;
    }

    /// <summary>The field; reports and returns null if it is absent.</summary>
    public JsonValue? Required(string name, string what)
    {
        var value = Optional(name);
        if (value is null)
        {
            _problems.Structure(Place, $"lacks the field '{name}': {what}");
        }

        return value;
    }

    /// <summary>All fields of a map whose names are the document's own.</summary>
    public IEnumerable<KeyValuePair<string, JsonValue>> All() => _fields.Select(field =>
        KeyValuePair.Create(field.Key, new JsonValue(field.Value, Place.Field(field.Key), _problems)));

    /// <summary>Reports fields that were not asked for; true if there were any.</summary>
    public bool RefuseOthers()
    {
        var hasOthers = false;
        foreach (var name in _fields.Keys.Except(_allowed, StringComparer.Ordinal))
        {
            hasOthers = true;
            _problems.Structure(Place.Field(name), $"is not a known field; allowed are {string.Join(", ", _allowed)}");
        }

        return hasOthers;
    }

    private void Add(JsonProperty property)
    {
        if (!Strings.TryGetName(property, out var name))
        {
            _problems.Structure(Place, "has a field whose name is not valid Unicode text");
        }
        else if (!_fields.TryAdd(name, property.Value))
        {
            _problems.Syntax(Place.Field(name), "stands twice in its object");
        }
    }
}
