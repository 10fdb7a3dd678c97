using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads a kernel's arguments and typed values.</summary>
internal static class ArgumentReader
{
    private const string AllowedArgument =
        """the name of a buffer or image, {"local": SIZE}, or a number such as {"int": 4} or {"float2": [0, 1]}""";

    private const string AllowedValue = """a typed number such as {"int": 4} or {"float2": [0, 1]}""";

    /// <summary>Stands where the document holds no right value, which has been reported.</summary>
    public static JobValue InvalidValue { get; } = new(new OpenClType(ScalarType.Int), [Expression.Invalid]);

    public static JobArgument Read(JsonValue value)
    {
        if (value.IsString)
        {
            return new MemoryArgument(value.Name());
        }

        if (!value.IsObject)
        {
            value.RefuseValue<int>($"must be {AllowedArgument}");
            return new MemoryArgument("");
        }

        var fields = JsonFields.Open(value, AllowedArgument)!;
        return fields.Count == 1 && fields.Optional("local") is { } size
            ? new LocalArgument(size.Expression())
            : new ValueArgument(ReadValue(value, fields, AllowedArgument));
    }

    public static JobValue ReadValue(JsonValue value) => JsonFields.Open(value, AllowedValue) is { } fields
        ? ReadValue(value, fields, AllowedValue)
        : InvalidValue;

    private static JobValue ReadValue(JsonValue value, JsonFields fields, string allowed)
    {
        var members = fields.All().ToArray();
        if (members.Length != 1)
        {
            value.Problems.Structure(value.Place, $"must be {allowed}; it has {members.Length} fields");
            return InvalidValue;
        }

        var (name, components) = members[0];
        if (!OpenClType.TryParse(name, out var type))
        {
            value.Problems.Structure(components.Place, $"is not a known field; it must be {allowed}");
            return InvalidValue;
        }

        if (type.Width == 1)
        {
            return new JobValue(type, [components.Expression()]);
        }

        return components.Items(type.Width, type.Width, "numbers") is { } items
            ? new JobValue(type, [.. items.Select(item => item.Expression())])
            : InvalidValue;
    }
}
