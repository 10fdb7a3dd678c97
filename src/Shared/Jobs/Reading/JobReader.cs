using System.Text.Json;
using System.Text.Unicode;
using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>
/// Reads a job document and reports everything that is wrong with it. A field that is wrong is reported once and
/// replaced by a stand-in, so that the checks after reading neither stop at it nor report its consequences.
/// </summary>
internal static class JobReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public static JobParseResult Read(ReadOnlySpan<byte> utf8)
    {
        var problems = new ProblemList();
        if (utf8.Length > JobLimits.DocumentBytes)
        {
            problems.Syntax(
                JsonPointer.Root,
                $"A document has at most {JobLimits.DocumentBytes} bytes; this one has {utf8.Length}");
            return Failed(problems);
        }

        if (!Utf8.IsValid(utf8))
        {
            problems.Syntax(JsonPointer.Root, "A document is UTF-8 text; this one is not");
            return Failed(problems);
        }

        try
        {
            using var json = JsonDocument.Parse(utf8.ToArray(), Options);
            return Read(json.RootElement, problems);
        }
        catch (JsonException e)
        {
            problems.Syntax(
                JsonPointer.Root,
                $"Not JSON, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message}");
            return Failed(problems);
        }
    }

    public static JobParseResult Read(JsonElement element)
    {
        var problems = new ProblemList();
        if (element.ValueKind == JsonValueKind.Object &&
            System.Text.Encoding.UTF8.GetByteCount(element.GetRawText()) > JobLimits.DocumentBytes)
        {
            problems.Syntax(JsonPointer.Root, $"A document has at most {JobLimits.DocumentBytes} bytes");
            return Failed(problems);
        }

        return Read(element, problems);
    }

    private static JobParseResult Read(JsonElement element, ProblemList problems)
    {
        var root = new JsonValue(element, JsonPointer.Root, problems);
        if (JsonFields.Open(root, "the fields of a job") is not { } fields)
        {
            return Failed(problems);
        }

        var document = ReadFields(fields, problems);
        PlanCheck.Run(document, problems);
        return problems.IsEmpty ? new JobParseResult(document, [], false) : Failed(problems);
    }

    private static JobDocument ReadFields(JsonFields fields, ProblemList problems)
    {
        fields.Optional("$schema")?.Text();
        if (InteractiveReader.Read(fields) is { } interactive)
        {
            return ReadInteractive(fields, interactive, problems);
        }

        var document = ReadTerms(fields) with
        {
            Constants = Map(
                fields, "constants", JobLimits.Constants, ReadConstant, Names.IsIdentifier, Allowed.Identifier),
            Programs = Map(fields, "programs", JobLimits.Programs, ProgramReader.Read),
            Inputs = Map(fields, "inputs", JobLimits.Inputs, InputReader.Read),
            Buffers = Map(fields, "buffers", JobLimits.Buffers, MemoryReader.ReadBuffer),
            Images = Map(fields, "images", JobLimits.Buffers, MemoryReader.ReadImage),
            Steps = new StepReader(problems).ReadAll(fields.Required("steps", "an array of what to do")),
            Outputs = Map(fields, "outputs", JobLimits.Outputs, OutputReader.Read),
            Retries = fields.Optional("retries")?.Integer(0, JobLimits.Retries) ?? JobLimits.DefaultRetries,
        };
        RefuseRest(fields, document, problems);
        return document;
    }

    /// <summary>What a session has that its client drives command by command.</summary>
    private static JobDocument ReadInteractive(JsonFields fields, InteractiveTerms terms, ProblemList problems)
    {
        var document = ReadTerms(fields) with { Interactive = terms };
        RefuseRest(fields, document, problems);
        InteractiveReader.RefuseSeveralGpus(document, problems);
        return document;
    }

    /// <summary>What every document has: who it is for, what it needs, and when and where it may run.</summary>
    private static JobDocument ReadTerms(JsonFields fields) => new()
    {
        Id = fields.Required("id", "a name for the job, chosen by you")?.Text(Names.IsId, Allowed.Id) ?? "",
        Tenant = fields.Optional("tenant")?.Text(Names.IsId, Allowed.Id),
        Comment = fields.Optional("comment")?.Text(JobLimits.CommentLength),
        Gpu = GpuReader.Read(fields.Required("gpu", """how much GPU, such as {"whole": true}""")),
        Host = HostReader.Read(fields.Optional("host")),
        Placement = PlacementReader.Read(fields.Optional("placement")),
        Steps = [],
        TimeLimit = fields.Optional("timeLimit") is { } limit ? AmountReader.ReadTime(limit) : null,
        Priority = fields.Optional("priority")?.Integer(-JobLimits.Priority, JobLimits.Priority) ?? 0,
        Queue = fields.Optional("queue")?.Text(Names.IsName, Allowed.Name),
        Class = ClassReader.Read(fields.Optional("class")),
        Deadline = DeadlineReader.Read(fields.Optional("deadline")),
        Preemptible = fields.Optional("preemptible")?.Flag(),
        Grace = fields.Optional("grace") is { } grace ? AmountReader.ReadGrace(grace) : null,
        Labels = Map(
            fields, "labels", JobLimits.Labels, v => v.Text(JobLimits.LabelLength) ?? "", Names.IsLabel,
            "a label: 1 to 63 characters of A-Z a-z 0-9 . _ / -, the first a letter or digit"),
    };

    private static void RefuseRest(JsonFields fields, JobDocument document, ProblemList problems)
    {
        fields.RefuseOthers();
        if (document is { Class: JobClass.Scavenger, Preemptible: false })
        {
            problems.Meaning(
                JsonPointer.Root.Field("preemptible"), "must not be false: a scavenger yields to every normal job");
        }
    }

    private static Dictionary<string, T> Map<T>(
        JsonFields parent, string name, int maximum, Func<JsonValue, T> read, Func<string, bool>? isName = null,
        string allowed = Allowed.Name)
    {
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        if (parent.Optional(name) is not { } value || JsonFields.Open(value, "named members") is not { } members)
        {
            return map;
        }

        if (members.Count > maximum)
        {
            value.Problems.Structure(value.Place, $"has {members.Count} members; {maximum} are allowed");
            return map;
        }

        foreach (var (key, member) in members.All())
        {
            if (!(isName ?? Names.IsName)(key))
            {
                member.Problems.Structure(member.Place, $"must have as name {allowed}");
            }

            map.Add(key, read(member));
        }

        return map;
    }

    private static Expression ReadConstant(JsonValue value) => value.Expression();

    private static JobParseResult Failed(ProblemList problems) => new(null, problems.ToArray(), problems.HasMore);
}
