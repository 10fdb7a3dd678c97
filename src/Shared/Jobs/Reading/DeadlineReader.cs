using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads <c>deadline</c>.</summary>
internal static partial class DeadlineReader
{
    public static JobDeadline? Read(JsonValue? value)
    {
        if (value is not { } field || JsonFields.Open(field, "'startBy', 'endBy' or both") is not { } fields)
        {
            return null;
        }

        var deadline = new JobDeadline
        {
            StartBy = Moment(fields.Optional("startBy")),
            EndBy = Moment(fields.Optional("endBy")),
        };
        if (!fields.RefuseOthers() && fields.Count == 0)
        {
            field.Problems.Structure(field.Place, "lacks 'startBy' or 'endBy'");
        }

        return deadline;
    }

    private static JobMoment? Moment(JsonValue? value)
    {
        if (value is not { } field)
        {
            return null;
        }

        if (!field.IsString || !Strings.TryGet(field.Element, out var text) || !ClockPattern().IsMatch(text))
        {
            return field.Element.ValueKind == JsonValueKind.Number || IsDuration(field)
                ? new JobMoment(null, AmountReader.ReadTime(field))
                : Refuse(field);
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return new JobMoment(at.ToUniversalTime(), null);
        }

        field.Problems.Meaning(field.Place, "is not a time that there is");
        return new JobMoment(DateTimeOffset.MaxValue, null);
    }

    private static bool IsDuration(JsonValue field) =>
        field.IsString && Strings.TryGet(field.Element, out var text) && Amounts.TrySeconds(text, out _);

    private static JobMoment Refuse(JsonValue field)
    {
        field.RefuseValue<int>(
            "must be a time after the job was accepted, in seconds or such as \"90s\" or \"2h\", "
            + "or on the clock, such as \"2030-01-31T18:00:00Z\"");
        return new JobMoment(DateTimeOffset.MaxValue, null);
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex ClockPattern();
}
