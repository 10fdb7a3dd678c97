using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>
/// Strings of JSON. An escape such as <c>\ud800</c> may leave half of a surrogate pair, which System.Text.Json reports
/// only when the string is asked for, by throwing.
/// </summary>
internal static class Strings
{
    public static bool TryGet(JsonElement element, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }

    public static bool TryGetName(JsonProperty property, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = null;
            return false;
        }
    }

    public static int CountRunes(string text)
    {
        var count = 0;
        foreach (var unused in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
