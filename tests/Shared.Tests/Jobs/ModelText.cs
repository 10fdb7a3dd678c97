using System.Collections;
using System.Reflection;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Tests.Jobs;

/// <summary>Everything that a document's model holds as text, by reflection: no property is left out.</summary>
internal static class ModelText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        DateTimeOffset time => time.ToString("O"),
        string or Expression or TimeSpan or OpenClType or Enum => $"'{value}'",
        double real => real.ToString("R"),
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        IDictionary map => Group(map.Keys.Cast<string>().Order(StringComparer.Ordinal)
            .Select(key => $"{key}: {Of(map[key])}")),
        IEnumerable list => Group(list.Cast<object>().Select(Of)),
        _ when value.GetType().IsPrimitive => value.ToString()!,
        _ => value.GetType().Name + Group(Properties(value)),
    };

    private static IEnumerable<string> Properties(object value) => value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.Name is not (nameof(JobDocument.BlobHashes) or nameof(JobDocument.ContentHash)))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => $"{property.Name} = {Of(property.GetValue(value))}");

    private static string Group(IEnumerable<string> parts) => $"{{ {string.Join(", ", parts)} }}";
}
