using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads how much GPU a job needs.</summary>
internal static class GpuReader
{
    public const string NvLink = "nvlink";
    public const string Numa = "numa";

    private const int LargestPercent = 100;
    private const string AllowedProfile = "the name of a profile, such as \"3g.20gb\" or \"A100-10C\"";
    private const string AllowedVendor = "a vendor's name, such as \"NVIDIA\"";
    private const int LargestNumaNode = 1023;
    private const string AllowedShares = "\"high\", \"normal\" or \"low\"";
    private const string AllowedTopology = "\"nvlink\" or \"numa\"";
    private const string AllowedDriver = "a version such as \"535.104\"";
    private const string AllowedCapability = "a version such as \"8.0\"";
    private const string AllowedModel = "a model's name, in which * stands for any characters, such as \"*A100*\"";

    public static GpuRequest Read(JsonValue? value)
    {
        if (value is not { } gpu ||
            JsonFields.Open(gpu, """"whole": true, "profile", or "memory" and "compute"""") is not { } fields)
        {
            return new GpuRequest();
        }

        var whole = fields.Optional("whole");
        var function = fields.Optional("function");
        var profile = fields.Optional("profile");
        var memory = fields.Optional("memory");
        var compute = fields.Optional("compute");
        CheckChoice(gpu, whole, function, profile, memory ?? compute);
        var (bytes, percent) = memory is { } amount ? ReadMemory(amount) : default;
        var share = compute is { } part ? ReadCompute(part) : null;
        var request = new GpuRequest
        {
            Whole = whole is not null,
            Function = function is not null,
            Profile = profile?.Text(Names.IsProfile, AllowedProfile),
            MemoryBytes = bytes,
            MemoryPercent = percent,
            ComputePercent = share,
            Shares = ReadShares(fields.Optional("shares"), memory ?? compute),
            ComputeLimitPercent = ReadLimit(fields.Optional("computeLimit"), memory ?? compute, share),
            Count = fields.Optional("count")?.Integer(1, JobLimits.Gpus) ?? 1,
            Model = ReadModels(fields.Optional("model")),
            Topology = ReadTopology(fields.Optional("topology")),
            Vendor = fields.Optional("vendor")?.Text(Names.IsName, AllowedVendor),
            DeviceMemoryBytes = fields.Optional("deviceMemory") is { } least ? ReadMemory(least, mayBePart: false).Bytes ?? 0 : 0,
            ComputeCapability = fields.Optional("computeCapability")?.Text(Names.IsVersion, AllowedCapability) is { } version
                ? Version.Parse(version)
                : null,
            Driver = fields.Optional("driver")?.Text(Names.IsDriverVersion, AllowedDriver),
            Rdma = ReadFlag(fields.Optional("rdma")),
            NumaNode = fields.Optional("numa")?.Integer(0, LargestNumaNode),
            Pool = fields.Optional("pool")?.Name() ?? GpuRequest.DefaultPool,
        };
        fields.RefuseOthers();
        return request;
    }

    private static void CheckChoice(
        JsonValue gpu, JsonValue? whole, JsonValue? function, JsonValue? profile, JsonValue? part)
    {
        ReadFlag(whole);
        ReadFlag(function);
        if (new[] { whole, function, profile, part }.Count(given => given is not null) != 1)
        {
            gpu.Problems.Structure(
                gpu.Place,
                """
                must have one of "whole": true, "function": true, "profile" ("3g.20gb"), or a part: "memory" ("4GiB"), "compute" ("25%") or both
                """);
        }
    }

    private static bool ReadFlag(JsonValue? flag)
    {
        if (flag is { } value && value.Element.ValueKind != System.Text.Json.JsonValueKind.True)
        {
            value.RefuseValue<int>("must be true, or be left out");
        }

        return flag is not null;
    }

    /// <summary>A pattern or several; the order and what stands twice make no difference.</summary>
    private static string ReadModels(JsonValue? value)
    {
        if (value is not { } models)
        {
            return GpuRequest.AnyModel;
        }

        JsonValue[]? all = models.IsArray ? models.Items(1, JobLimits.Models, "patterns for a model")?.ToArray() : [models];
        var patterns = (all ?? []).Select(one => one.Text(Names.IsModelPattern, AllowedModel) ?? GpuRequest.AnyModel)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return patterns.Length == 0 || patterns.Contains(GpuRequest.AnyModel)
            ? GpuRequest.AnyModel : string.Join(GpuRequest.ModelSeparator, patterns);
    }

    private static GpuTopology ReadTopology(JsonValue? value) =>
        value?.Text(text => text is NvLink or Numa, AllowedTopology) switch
        {
            NvLink => GpuTopology.NvLink,
            Numa => GpuTopology.Numa,
            _ => GpuTopology.Host,
        };

    private static ShareLevel ReadShares(JsonValue? value, JsonValue? part)
    {
        RefuseWithoutPart(value, part);
        return value?.Text(text => text is "high" or "normal" or "low", AllowedShares) switch
        {
            "high" => ShareLevel.High,
            "low" => ShareLevel.Low,
            _ => ShareLevel.Normal,
        };
    }

    private static int ReadLimit(JsonValue? value, JsonValue? part, int? compute)
    {
        RefuseWithoutPart(value, part);
        var limit = value is { } given ? ReadCompute(given) : null;
        if (limit < compute)
        {
            value!.Value.Problems.Meaning(
                value.Value.Place, $"must be at least what compute asks for, {compute}%, and at most 100%");
        }

        return limit ?? LargestPercent;
    }

    /// <summary>What is said of the use of compute that others leave is for fractions only.</summary>
    private static void RefuseWithoutPart(JsonValue? value, JsonValue? part)
    {
        if (value is { } given && part is null)
        {
            given.Problems.Meaning(given.Place, "goes with \"memory\" or \"compute\" only; leave it out");
        }
    }

    private static (long? Bytes, double? Percent) ReadMemory(JsonValue value, bool mayBePart = true)
    {
        string? error = null;
        long bytes;
        if (value.IsString && Strings.TryGet(value.Element, out var text))
        {
            if (mayBePart && Amounts.TryPercent(text, out var percent))
            {
                return (null, CheckPercent(value, percent));
            }

            if (!Amounts.TrySize(text, out bytes, out error))
            {
                return Refuse(value);
            }
        }
        else if (JsonNumbers.TryInteger(value.Element, out var number))
        {
            bytes = (long)Int128.Clamp(number, 0, long.MaxValue);
        }
        else
        {
            return Refuse(value);
        }

        if (error is not null || bytes is < 1 or > JobLimits.MemoryBytes)
        {
            value.Problems.Meaning(value.Place, error ?? $"must be from 1 to {JobLimits.MemoryBytes} bytes");
        }

        return (bytes, null);
    }

    private static (long?, double?) Refuse(JsonValue value)
    {
        value.RefuseValue<int>(
            """must be a size or a part: a whole number of bytes, "4GiB", or "12.5%" of the device""");
        return default;
    }

    private static int? ReadCompute(JsonValue value)
    {
        if (value.IsString && Strings.TryGet(value.Element, out var text) && Amounts.TryPercent(text, out var percent))
        {
            if (Math.Truncate(percent) != percent)
            {
                value.Problems.Meaning(value.Place, "must be a whole percentage");
                return null;
            }

            return (int?)CheckPercent(value, percent, 1);
        }

        if (!JsonNumbers.TryInteger(value.Element, out var number))
        {
            return value.RefuseValue<int>("must be a percentage: 1 to 100, or a string such as \"25%\"");
        }

        return (int?)CheckPercent(value, (double)number, 1);
    }

    private static double? CheckPercent(JsonValue value, double percent, double minimum = 0)
    {
        if (percent > 0 && percent >= minimum && percent <= LargestPercent)
        {
            return percent;
        }

        value.Problems.Meaning(
            value.Place, minimum > 0 ? "must be from 1 to 100 percent" : "must be above 0 and at most 100 percent");
        return null;
    }
}
