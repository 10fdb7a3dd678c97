using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuActors.Shared.Tests.Jobs;

/// <summary>
/// Checks JSON against the part of JSON Schema 2020-12 that the job schema uses. A keyword that it does not know is an
/// error, so that the schema cannot say something that the tests pass over.
/// </summary>
internal sealed class JsonSchemaChecker(JsonObject root)
{
    private static readonly string[] Annotations = ["$schema", "$id", "$defs", "title", "description", "default"];

    public static JsonSchemaChecker Load(string path) =>
        new(JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    public bool Accepts(JsonElement value) => Accepts(root, value);

    private bool Accepts(JsonNode? schema, JsonElement value)
    {
        if (schema is JsonValue verdict)
        {
            return verdict.GetValue<bool>();
        }

        return schema!.AsObject().All(keyword => Accepts(keyword.Key, keyword.Value!, schema.AsObject(), value));
    }

    private bool Accepts(string keyword, JsonNode operand, JsonObject schema, JsonElement value) => keyword switch
    {
        _ when Annotations.Contains(keyword) => true,
        "$ref" => Accepts(Resolve(operand.GetValue<string>()), value),
        "anyOf" => operand.AsArray().Any(option => Accepts(option, value)),
        "oneOf" => operand.AsArray().Count(option => Accepts(option, value)) == 1,
        "type" => IsOfType(operand.GetValue<string>(), value),
        "const" => JsonElement.DeepEquals(value, ToElement(operand)),
        "enum" => operand.AsArray().Any(option => JsonElement.DeepEquals(value, ToElement(option!))),
        "minimum" => value.ValueKind != JsonValueKind.Number || Number(value) >= operand.GetValue<double>(),
        "maximum" => value.ValueKind != JsonValueKind.Number || Number(value) <= operand.GetValue<double>(),
        "minLength" => value.ValueKind != JsonValueKind.String || Length(value) >= operand.GetValue<int>(),
        "maxLength" => value.ValueKind != JsonValueKind.String || Length(value) <= operand.GetValue<int>(),
        "pattern" => value.ValueKind != JsonValueKind.String || Matches(value.GetString()!, operand),
        "items" or "minItems" or "maxItems" =>
            value.ValueKind != JsonValueKind.Array || AcceptsItems(keyword, operand, value),
        _ => value.ValueKind != JsonValueKind.Object || AcceptsFields(keyword, operand, schema, value),
    };

    private bool AcceptsItems(string keyword, JsonNode operand, JsonElement value) => keyword switch
    {
        "items" => value.EnumerateArray().All(item => Accepts(operand, item)),
        "minItems" => value.GetArrayLength() >= operand.GetValue<int>(),
        _ => value.GetArrayLength() <= operand.GetValue<int>(),
    };

    private bool AcceptsFields(string keyword, JsonNode operand, JsonObject schema, JsonElement value)
    {
        var fields = value.EnumerateObject().ToArray();
        return keyword switch
        {
            "required" => operand.AsArray().All(name => value.TryGetProperty(name!.GetValue<string>(), out _)),
            "minProperties" => fields.Length >= operand.GetValue<int>(),
            "maxProperties" => fields.Length <= operand.GetValue<int>(),
            "propertyNames" => fields.All(field => Accepts(operand, ToElement(JsonValue.Create(field.Name)))),
            "properties" => fields.All(field =>
                operand[field.Name] is not { } property || Accepts(property, field.Value)),
            "patternProperties" => operand.AsObject().All(pattern => fields.All(field =>
                !Matches(field.Name, pattern.Key) || Accepts(pattern.Value, field.Value))),
            "additionalProperties" => fields.All(field =>
                IsDescribed(schema, field.Name) || Accepts(operand, field.Value)),
            "dependentRequired" => operand.AsObject().All(rule => !value.TryGetProperty(rule.Key, out _) ||
                rule.Value!.AsArray().All(name => value.TryGetProperty(name!.GetValue<string>(), out _))),
            _ => throw new NotSupportedException($"The schema uses '{keyword}', which the checker does not know."),
        };
    }

    private static bool IsDescribed(JsonObject schema, string name) =>
        schema["properties"]?[name] is not null ||
        (schema["patternProperties"]?.AsObject().Any(pattern => Matches(name, pattern.Key)) ?? false);

    private JsonNode Resolve(string reference)
    {
        const string Prefix = "#/$defs/";
        Assert.StartsWith(Prefix, reference, StringComparison.Ordinal);
        return root["$defs"]![reference[Prefix.Length..]] ?? throw new InvalidOperationException($"No {reference}.");
    }

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && Math.Truncate(Number(value)) == Number(value),
        _ => throw new NotSupportedException($"The schema uses the type '{type}', which the checker does not know."),
    };

    private static double Number(JsonElement value) => value.GetDouble();

    private static int Length(JsonElement value) => value.GetString()!.EnumerateRunes().Count();

    private static bool Matches(string text, JsonNode pattern) => Matches(text, pattern.GetValue<string>());

    // ECMAScript's $ is the very end; .NET's would let a line feed follow.
    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, pattern.Replace("$)", @"\z)", StringComparison.Ordinal).TrimEnd('$') + @"\z");

    private static JsonElement ToElement(JsonNode node) => JsonSerializer.SerializeToElement(node);
}
