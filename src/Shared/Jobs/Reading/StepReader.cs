using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads the steps of a job, those in repeats included.</summary>
internal sealed class StepReader(ProblemList problems)
{
    private const string Kinds = "one of create, release, write, launch, copy, fill, read, clock, repeat";
    private const int Dimensions = 3;

    private int _written;

    public IReadOnlyList<JobStep> ReadAll(JsonValue? value) => value is { } steps ? ReadAll(steps, 0) : [];

    private JobStep[] ReadAll(JsonValue value, int depth)
    {
        var items = value.Items(1, JobLimits.WrittenSteps, "steps") ?? [];
        _written += items.Count;
        if (_written > JobLimits.WrittenSteps)
        {
            problems.Meaning(value.Place, $"makes more than {JobLimits.WrittenSteps} steps in the whole document");
            return [];
        }

        return [.. items.Select(item => Read(item, depth))];
    }

    private JobStep Read(JsonValue value, int depth)
    {
        if (JsonFields.Open(value, Kinds) is not { } fields)
        {
            return new InvalidStep();
        }

        var comment = fields.Optional("comment")?.Text(JobLimits.CommentLength);
        var found = new List<JobStep>();
        Take(fields, "create", ReadCreate, found);
        Take(fields, "release", name => new ReleaseStep(name.Name()), found);
        Take(fields, "write", step => ReadFields(step, "input and to", f => ReadWrite(f)), found);
        Take(fields, "launch", step => ReadFields(step, "kernel, global and args", f => ReadLaunch(f)), found);
        Take(fields, "copy", step => ReadFields(step, "from and to", f => ReadCopy(f)), found);
        Take(fields, "fill", step => ReadFields(step, "buffer and with", f => ReadFill(f)), found);
        Take(fields, "read", step => ReadFields(step, "from and output", f => ReadRead(f)), found);
        Take(fields, "clock", step => ReadFields(step, "output", f => ReadClock(f)), found);
        Take(fields, "repeat", step => ReadFields(step, "count and steps", f => ReadRepeat(f, depth + 1)), found);
        var isMisspelt = fields.RefuseOthers() && found.Count == 0;
        if (found.Count != 1 && !isMisspelt)
        {
            problems.Structure(value.Place, $"must have {Kinds}; it has {found.Count} of them");
        }

        return found.Count == 1 ? found[0] with { Comment = comment } : new InvalidStep();
    }

    private static void Take(JsonFields fields, string name, Func<JsonValue, JobStep> read, List<JobStep> found)
    {
        if (fields.Optional(name) is { } value)
        {
            found.Add(read(value));
        }
    }

    private static JobStep ReadFields(JsonValue value, string what, Func<JsonFields, JobStep> read)
    {
        if (JsonFields.Open(value, what) is not { } fields)
        {
            return new InvalidStep();
        }

        var step = read(fields);
        fields.RefuseOthers();
        return step;
    }

    private static JobStep ReadCreate(JsonValue value)
    {
        if (JsonFields.Open(value, "buffer and its size, or image and its width") is not { } fields)
        {
            return new InvalidStep();
        }

        var buffer = fields.Optional("buffer");
        var image = fields.Optional("image");
        if (buffer is null == image is null)
        {
            value.Problems.Structure(value.Place, "must have either buffer or image: the name of what to make");
            return new InvalidStep();
        }

        var step = buffer is { } name
            ? new CreateStep(name.Name(), MemoryReader.ReadBuffer(value, fields))
            : new CreateStep(image!.Value.Name(), MemoryReader.ReadImage(fields));
        fields.RefuseOthers();
        return step;
    }

    private static WriteStep ReadWrite(JsonFields fields) => new(
        Name(fields, "to", "the buffer or image to write"), Name(fields, "input", "the input to take the bytes from"))
    {
        Offset = fields.Optional("offset")?.Expression(),
        InputOffset = fields.Optional("inputOffset")?.Expression(),
        Size = fields.Optional("size")?.Expression(),
    };

    private static CopyStep ReadCopy(JsonFields fields) => new(
        Name(fields, "from", "the buffer to read"), Name(fields, "to", "the buffer to write"))
    {
        FromOffset = fields.Optional("fromOffset")?.Expression(),
        ToOffset = fields.Optional("toOffset")?.Expression(),
        Size = fields.Optional("size")?.Expression(),
    };

    private static FillStep ReadFill(JsonFields fields) => new(
        Name(fields, "buffer", "the buffer to fill"),
        fields.Required("with", """the value, such as {"float": 0}""") is { } value
            ? ArgumentReader.ReadValue(value)
            : ArgumentReader.InvalidValue)
    {
        Offset = fields.Optional("offset")?.Expression(),
        Size = fields.Optional("size")?.Expression(),
    };

    private static ReadStep ReadRead(JsonFields fields) => new(
        Name(fields, "from", "the buffer or image to read"), Name(fields, "output", "the output to append to"))
    {
        Offset = fields.Optional("offset")?.Expression(),
        Size = fields.Optional("size")?.Expression(),
    };

    private static ClockStep ReadClock(JsonFields fields) => new(Name(fields, "output", "the output to append to"));

    private static LaunchStep ReadLaunch(JsonFields fields)
    {
        var kernel = fields.Required("kernel", "the kernel's name in its program")?.Identifier() ?? "";
        var global = fields.Required("global", "the number of work-items, or an array of 1 to 3");
        return new LaunchStep(kernel, global is { } range ? ReadRange(range) : [])
        {
            Program = fields.Optional("program")?.Name(),
            Local = fields.Optional("local") is { } local ? ReadRange(local) : null,
            Offset = fields.Optional("offset") is { } offset ? ReadRange(offset) : null,
            Arguments = fields.Optional("args") is { } arguments ? ReadArguments(arguments) : [],
        };
    }

    private static JobArgument[] ReadArguments(JsonValue value) =>
        [.. (value.Items(0, JobLimits.Arguments, "arguments") ?? []).Select(ArgumentReader.Read)];

    private static Expression[] ReadRange(JsonValue value) => value.IsArray
        ? [.. (value.Items(1, Dimensions, "sizes, one for each dimension") ?? []).Select(item => item.Expression())]
        : [value.Expression()];

    private JobStep ReadRepeat(JsonFields fields, int depth)
    {
        var count = fields.Required("count", "how often")?.Expression() ?? Expression.Invalid;
        var counter = fields.Optional("counter")?.Identifier();
        var steps = fields.Required("steps", "an array of what to do");
        if (depth > JobLimits.RepeatDepth)
        {
            problems.Meaning(
                fields.Place, $"lies in {depth - 1} repeats; {JobLimits.RepeatDepth} in each other are allowed");
            return new InvalidStep();
        }

        return new RepeatStep(count, steps is { } body ? ReadAll(body, depth) : []) { Counter = counter };
    }

    private static string Name(JsonFields fields, string field, string what) =>
        fields.Required(field, what)?.Name() ?? "";
}

/// <summary>Stands where the document holds no right step, which has been reported.</summary>
internal sealed record InvalidStep : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "invalid";
}
