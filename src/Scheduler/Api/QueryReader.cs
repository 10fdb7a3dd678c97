using System.Globalization;

namespace GpuActors.Scheduler.Api;

/// <summary>Reads query parameters; a wrong one is refused with its name and what is allowed.</summary>
internal static class QueryReader
{
    /// <summary>The parameter, or null if it is missing or empty.</summary>
    public static string? Text(HttpRequest request, string name)
    {
        var value = request.Query[name];
        return value.Count == 0 || string.IsNullOrEmpty(value[0]) ? null : value[0];
    }

    /// <summary>A whole number between the bounds.</summary>
    public static int Number(HttpRequest request, string name, int fallback, int min, int max)
    {
        if (Text(request, name) is not { } text)
        {
            return fallback;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
                ? number
                : throw ApiProblemException.InvalidRequest($"?{name}", $"must be a whole number from {min} to {max}.");
    }

    /// <summary>A whole number from 0 on; null if it is missing.</summary>
    public static long? Position(HttpRequest request, string name)
    {
        if (Text(request, name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiProblemException.InvalidRequest($"?{name}", "must be a whole number from 0 on.");
    }

    /// <summary>A duration such as <c>30s</c>, <c>500ms</c>, <c>2m</c>, or a plain number of seconds.</summary>
    public static TimeSpan? Duration(HttpRequest request, string name, TimeSpan max)
    {
        if (Text(request, name) is not { } text)
        {
            return null;
        }

        var unit = text.TrimStart("0123456789.".ToCharArray());
        var scale = unit switch { "" or "s" => 1.0, "ms" => 0.001, "m" => 60.0, _ => 0 };
        var digits = text.AsSpan(0, text.Length - unit.Length);
        var valid = scale > 0
            & double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        if (!valid || number * scale > 1e9)
        {
            throw ApiProblemException.InvalidRequest($"?{name}", "must be a duration such as 30s, 500ms or 2m.");
        }

        var duration = TimeSpan.FromSeconds(number * scale);
        return duration < max ? duration : max;
    }

    /// <summary>One of the enumeration's names, in any case.</summary>
    public static T? Choice<T>(HttpRequest request, string name)
        where T : struct, Enum
    {
        if (Text(request, name) is not { } text)
        {
            return null;
        }

        return Array.Exists(Enum.GetNames<T>(), n => n.Equals(text, StringComparison.OrdinalIgnoreCase))
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw ApiProblemException.InvalidRequest(
                $"?{name}", $"must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
