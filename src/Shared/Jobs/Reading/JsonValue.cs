using System.Text.Json;
using System.Text.RegularExpressions;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>
/// A JSON value with its place, read as what a field must be. Each method reports what is wrong and returns null (or
/// a stand-in that later checks pass over) instead of throwing.
/// </summary>
internal readonly struct JsonValue(JsonElement element, JsonPointer place, ProblemList problems)
{
    private const int ShownLength = 40;

    public JsonElement Element => element;

    public JsonPointer Place => place;

    public ProblemList Problems => problems;

    public bool IsString => element.ValueKind == JsonValueKind.String;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    public bool IsNull => element.ValueKind == JsonValueKind.Null;

    public bool IsArray => element.ValueKind == JsonValueKind.Array;

    /// <summary>A text of so many characters, counted in code points as JSON Schema does.</summary>
    public string? Text(int maximum = int.MaxValue, int minimum = 0)
    {
        if (!IsString)
        {
            return Refuse<string>("must be a string");
        }

        if (!Strings.TryGet(element, out var text))
        {
            problems.Structure(place, "must be valid Unicode text; it holds half of a surrogate pair");
            return null;
        }

        var length = text.Length <= maximum && text.Length >= minimum ? text.Length : Strings.CountRunes(text);
        if (length > maximum || length < minimum)
        {
            problems.Structure(place, $"must have {minimum} to {maximum} characters; it has {length}");
            return null;
        }

        return text;
    }

    /// <summary>A string for which <paramref name="accepts"/> holds.</summary>
    public string? Text(Func<string, bool> accepts, string allowed)
    {
        if (IsString && Strings.TryGet(element, out var text) && accepts(text))
        {
            return text;
        }

        return Refuse<string>($"must be {allowed}");
    }

    /// <summary>A name; empty if it is wrong.</summary>
    public string Name() => Text(Names.IsName, Allowed.Name) ?? "";

    /// <summary>An identifier of C; empty if it is wrong.</summary>
    public string Identifier() => Text(Names.IsIdentifier, Allowed.Identifier) ?? "";

    /// <summary>A whole number in a range.</summary>
    public int? Integer(int minimum, int maximum)
    {
        if (!JsonNumbers.TryInteger(element, out var value))
        {
            return RefuseValue<int>($"must be a whole number from {minimum} to {maximum}");
        }

        return value >= minimum && value <= maximum
            ? (int)value
            : RefuseValue<int>($"must be from {minimum} to {maximum}");
    }

    /// <summary>True or false.</summary>
    public bool? Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => RefuseValue<bool>("must be true or false"),
    };

    /// <summary>A number or a string that is an expression.</summary>
    public Expression Expression()
    {
        if (element.ValueKind == JsonValueKind.Number)
        {
            return JsonNumbers.TryExpression(element, out var number)
                ? number
                : RefuseMeaning("is beyond the range of a double");
        }

        if (!IsString)
        {
            Refuse<string>("must be a number or a string with an expression");
            return Expressions.Expression.Invalid;
        }

        if (Text(JobLimits.ExpressionLength, 1) is not { } text)
        {
            return Expressions.Expression.Invalid;
        }

        return Expressions.Expression.TryParse(text, out var expression, out var error)
            ? expression
            : RefuseMeaning($"is not an expression: {error}");
    }

    /// <summary>The elements of an array that must have a certain length.</summary>
    public IReadOnlyList<JsonValue>? Items(int minimum, int maximum, string what)
    {
        if (!IsArray)
        {
            return Refuse<IReadOnlyList<JsonValue>>($"must be an array of {what}");
        }

        var length = element.GetArrayLength();
        if (length < minimum || length > maximum)
        {
            var range = minimum == maximum ? $"{minimum}" : $"{minimum} to {maximum}";
            problems.Structure(place, $"must have {range} {what}; it has {length}");
            return null;
        }

        var items = new List<JsonValue>(length);
        foreach (var item in element.EnumerateArray())
        {
            items.Add(new JsonValue(item, place.Item(items.Count), problems));
        }

        return items;
    }

    /// <summary>Reports that the value is not what is <paramref name="allowed"/>.</summary>
    public T? Refuse<T>(string allowed)
        where T : class
    {
        problems.Structure(place, $"{allowed}; it is {Shown()}");
        return null;
    }

    /// <inheritdoc cref="Refuse{T}"/>
    public T? RefuseValue<T>(string allowed)
        where T : struct
    {
        problems.Structure(place, $"{allowed}; it is {Shown()}");
        return null;
    }

    private Expression RefuseMeaning(string message)
    {
        problems.Meaning(place, $"{Shown()} {message}");
        return Expressions.Expression.Invalid;
    }

    private string Shown() => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => Shorten(element.GetRawText()),
    };

    private static string Shorten(string text) =>
        text.Length <= ShownLength ? text : string.Concat(text.AsSpan(0, ShownLength), "…");
}
