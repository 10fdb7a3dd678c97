using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using GpuActors.Shared.Jobs.Values;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads an input: inline text, base64 or numbers, or a blob.</summary>
internal static class InputReader
{
    private const string Allowed =
        "one of text, base64, blob, or a type with an array of numbers such as \"float\": [1, 2.5]";

    private static readonly string[] NumberTypes =
        [.. Enum.GetValues<ScalarType>().Select(scalar => new OpenClType(scalar).Name)];

    public static JobInput Read(JsonValue value)
    {
        if (JsonFields.Open(value, Allowed) is not { } fields)
        {
            return Unknown;
        }

        var found = new List<JobInput>();
        Take(fields, "text", ReadText, found);
        Take(fields, "base64", ReadBase64, found);
        Take(fields, "blob", blob => ReadBlob(blob, fields), found);
        foreach (var type in NumberTypes)
        {
            Take(fields, type, numbers => ReadNumbers(numbers, OpenClType.ByName[type].Scalar), found);
        }

        var isMisspelt = fields.RefuseOthers() && found.Count == 0;
        if (found.Count != 1 && !isMisspelt)
        {
            value.Problems.Structure(value.Place, $"must have {Allowed}; it has {found.Count} of them");
        }

        return found.Count == 1 ? found[0] : Unknown;
    }

    /// <summary>Stands for an input that is wrong: nothing is known about its size.</summary>
    private static BlobInput Unknown => new("");

    private static void Take(JsonFields fields, string name, Func<JsonValue, JobInput> read, List<JobInput> found)
    {
        if (fields.Optional(name) is { } value)
        {
            found.Add(read(value));
        }
    }

    private static JobInput ReadText(JsonValue value) => value.Text() is { } text
        ? new InlineInput(InlineForm.Text, null, Encoding.UTF8.GetBytes(text))
        : Unknown;

    private static JobInput ReadBase64(JsonValue value)
    {
        if (value.Text() is not { } text)
        {
            return Unknown;
        }

        // Stricter than the framework, which passes over blanks: what is accepted is written back the same.
        var bytes = new byte[text.Length / 4 * 3];
        if (text.Length % 4 == 0 && !text.AsSpan().ContainsAny(" \t\r\n") &&
            Convert.TryFromBase64String(text, bytes, out var length))
        {
            return InlineInput.FromBytes(bytes.AsMemory(0, length));
        }

        value.Problems.Meaning(value.Place, "is not base64: characters of A-Z a-z 0-9 + / in fours, '=' at the end");
        return Unknown;
    }

    private static BlobInput ReadBlob(JsonValue value, JsonFields fields)
    {
        var hash = value.Text(Names.IsSha256, Reading.Allowed.Sha256) ?? "";
        if (fields.Optional("size") is not { } size)
        {
            return new BlobInput(hash);
        }

        if (!JsonNumbers.TryInteger(size.Element, out var bytes) || bytes < 0 || bytes > JobLimits.MemoryBytes)
        {
            size.RefuseValue<int>($"must be a whole number of bytes from 0 to {JobLimits.MemoryBytes}");
            return new BlobInput(hash);
        }

        return new BlobInput(hash, (long)bytes);
    }

    private static JobInput ReadNumbers(JsonValue value, ScalarType type)
    {
        if (value.Items(0, int.MaxValue, "numbers") is not { } items)
        {
            return Unknown;
        }

        var size = new OpenClType(type).ComponentBytes;
        var data = new byte[items.Count * size];
        for (var i = 0; i < items.Count; i++)
        {
            ReadNumber(items[i], type, data.AsSpan(i * size, size));
        }

        return new InlineInput(InlineForm.Numbers, type, data);
    }

    private static void ReadNumber(JsonValue value, ScalarType type, Span<byte> target)
    {
        if (value.Element.ValueKind != JsonValueKind.Number)
        {
            value.RefuseValue<int>("must be a number");
            return;
        }

        if (!ValueEncoding.TryEncode(type, value.Element, target))
        {
            value.Problems.Meaning(value.Place, $"{value.Element} does not fit; {ValueEncoding.RangeOf(type)}");
        }
    }
}
