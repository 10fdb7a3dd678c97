using System.Text;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Tests.Jobs;

/// <summary>Puts right documents together from a seed: any mix of fields, with names and ranges that fit.</summary>
internal sealed class DocumentGenerator(int seed)
{
    private const int Mebibyte = 1 << 20;

    private readonly Random _random = new(seed);
    private readonly List<string> _buffers = [];
    private readonly List<string> _counters = [];
    private int _names;

    public JobDocument Document() => Next(0, 5) == 0 ? Interactive() : WithSteps();

    private JobDocument Interactive() => new()
    {
        Id = Text("abcXYZ019._-", 20) + "x",
        Tenant = Maybe(() => "tenant" + Next(0, 9)),
        Gpu = Gpu() with { Count = 1 },
        Placement = Pick(0, 1) ? new JobPlacement(Terms(), Terms()) : JobPlacement.Anywhere,
        Steps = [],
        Interactive = new InteractiveTerms(
            Pick(0, 2) ? null : TimeSpan.FromMilliseconds(Next(5_000, 600_000)),
            Pick(0, 2) ? InteractiveTerms.DefaultIdleLimit : TimeSpan.FromMilliseconds(Next(10_000, 604_800_000))),
        TimeLimit = Pick(0, 4) ? null : TimeSpan.FromMilliseconds(Next(1, 100_000_000)),
        Priority = Next(-100, 100),
        Labels = MaybeOne("l/1", () => Text("x é", 9)),
    };

    private JobDocument WithSteps()
    {
        var inputs = Enumerable.Range(0, Next(0, 4)).ToDictionary(i => $"in{i}", _ => Input());
        var buffers = Enumerable.Range(0, Next(1, 4)).ToDictionary(i => $"b{i}", _ => Buffer(inputs));
        _buffers.AddRange(buffers.Keys);
        var steps = Steps(depth: 0, inputs);
        steps.Add(new ReadStep("b0", "out") { Size = Next(1, 16) });
        return new JobDocument
        {
            Id = Text("abcXYZ019._-", 20) + "x",
            Tenant = Maybe(() => "tenant" + Next(0, 9)),
            Comment = Maybe(() => Text("any \"text\" with ü, 😀, \\ and \u0007", 12)),
            Gpu = Gpu(),
            Host = Pick(0, 1) ? new HostRequest(Next(0, 4_000), Next(1, 64) * (long)Mebibyte) : HostRequest.None,
            Placement = Pick(0, 1) ? new JobPlacement(Terms(), Terms()) : JobPlacement.Anywhere,
            Constants = new Dictionary<string, Expression> { ["c"] = Next(1, 9), ["half"] = 0.5, ["size"] = "1KiB" },
            Programs = new Dictionary<string, JobProgram>
            {
                ["p"] = new(Text("void f()\n{} ", 50) + "x", Text("-D N=1", 6)),
            },
            Inputs = inputs,
            Buffers = buffers,
            Images = MaybeOne("im", Image),
            Steps = steps,
            Outputs = new Dictionary<string, JobOutput> { ["out"] = Output() },
            TimeLimit = Pick(0, 4) ? null : TimeSpan.FromMilliseconds(Next(1, 100_000_000)),
            Retries = Next(0, 20),
            Priority = Next(-100, 100),
            Queue = Maybe(() => "queue." + Next(0, 9)),
            Class = Pick(0, 1) ? JobClass.Scavenger : JobClass.Normal,
            Deadline = Maybe(() => new JobDeadline
            {
                StartBy = Pick(0, 1) ? Moment() : null,
                EndBy = Moment(),
            }),
            Preemptible = Pick(0, 1) ? true : null,
            Grace = Pick(0, 1) ? TimeSpan.FromMilliseconds(Next(0, 3_600_000)) : null,
            Labels = MaybeOne("l/1", () => Text("x é", 9)),
        };
    }

    /// <summary>In the order in which they are read, each once.</summary>
    private JobPlacementTerm[] Terms() =>
    [
        .. Enumerable.Range(0, Next(0, 5)).Select(_ => new JobPlacementTerm((PlacementTermKind)Next(0, 3), $"k/{Next(0, 9)}=v ü"))
            .Distinct().OrderBy(term => term.Kind).ThenBy(term => term.Label, StringComparer.Ordinal),
    ];

    private JobMoment Moment() => Pick(0, 1)
        ? new JobMoment(new DateTimeOffset(2030, 1, Next(1, 28), Next(0, 23), 5, 6, Next(0, 999), TimeSpan.Zero), null)
        : new JobMoment(null, TimeSpan.FromMilliseconds(Next(1, 100_000_000)));

    private GpuRequest Gpu() => Next(0, 3) switch
    {
        0 => new GpuRequest { Whole = true, Count = Next(1, 64), Topology = (GpuTopology)Next(0, 2), Model = "*A100*|A30" },
        1 when Next(0, 2) == 0 => new GpuRequest { Profile = "1g.5gb+me", Vendor = "NVIDIA", DeviceMemoryBytes = Mebibyte },
        3 when Next(0, 2) == 0 => new GpuRequest
        {
            ComputePercent = 20, ComputeLimitPercent = Next(20, 100), Shares = Pick(0, 1) ? ShareLevel.High : ShareLevel.Low,
            MemoryBytes = 64L * Mebibyte, Driver = Maybe(() => $"{Next(1, 999)}.0{Next(0, 9)}"), Rdma = Pick(0, 1),
            NumaNode = Maybe(() => (int?)Next(0, 1023)),
        },
        2 when Next(0, 2) == 0 => new GpuRequest { Function = true, ComputeCapability = new Version(8, Next(0, 10)) },
        1 => new GpuRequest { MemoryBytes = Next(64, 4096) * (long)Mebibyte, Pool = "pool" },
        2 => new GpuRequest { MemoryPercent = Next(1, 10_000) / 100.0, Model = "*A?".Replace('?', '1') },
        _ => new GpuRequest { ComputePercent = Next(1, 100), MemoryBytes = Next(64, 128) * (long)Mebibyte },
    };

    private JobInput Input()
    {
        var type = Enum.GetValues<ScalarType>()[Next(0, 10)];
        var numbers = new byte[new OpenClType(type).ComponentBytes * Next(1, 9)];
        _random.NextBytes(numbers);
        return Next(0, 4) switch
        {
            0 => new InlineInput(InlineForm.Text, null, Encoding.UTF8.GetBytes(Text("some tëxt 😀", 40) + ".")),
            1 => InlineInput.FromBytes(numbers),
            2 => new BlobInput(
                Convert.ToHexStringLower(numbers).PadLeft(64, '0')[^64..], Maybe(() => (long?)Next(1, 5000))),

            // Real numbers of random bits may be no numbers at all, which JSON has no word for.
            _ => type >= ScalarType.Half
                ? new InlineInput(InlineForm.Numbers, ScalarType.Float, Floats(Next(1, 9)))
                : new InlineInput(InlineForm.Numbers, type, numbers),
        };
    }

    private byte[] Floats(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(_ => BitConverter.GetBytes(Float()))];

    private float Float() => (float)((_random.NextDouble() - 0.5) * Math.Pow(10, Next(-30, 30)));

    private JobBuffer Buffer(Dictionary<string, JobInput> inputs) => Pick(0, 2) || inputs.Count == 0
        ? new JobBuffer { Size = Next(4096, 8192) }
        : new JobBuffer { Size = Mebibyte, From = inputs.Keys.ElementAt(Next(0, inputs.Count - 1)) };

    private JobImage Image() => new()
    {
        Channels = Enum.GetValues<ImageChannels>()[Next(0, 3)],
        Element = Enum.GetValues<ImageElement>()[Next(0, 11)],
        Width = Next(1, 64),
        Height = Maybe(() => (Expression)"c + 1"),
    };

    private JobOutput Output() => new()
    {
        ContentType = Pick(0, 1) ? JobOutput.DefaultContentType : "text/plain",
        Element = Maybe(() => (OpenClType?)new OpenClType(Enum.GetValues<ScalarType>()[Next(0, 10)], 4)),
        MaxSizeBytes = Pick(0, 1) ? JobLimits.MemoryBytes : 1L << Next(40, 43),
    };

    private List<JobStep> Steps(int depth, Dictionary<string, JobInput> inputs)
    {
        var known = _buffers.Count;
        var steps = Enumerable.Range(0, Next(1, 5)).Select(_ => Step(depth, inputs)).ToList();
        if (_buffers.Count > known && Pick(0, 1))
        {
            steps.Add(new ReleaseStep(_buffers[^1]));
        }

        _buffers.RemoveRange(known, _buffers.Count - known);
        return steps;
    }

    private JobStep Step(int depth, Dictionary<string, JobInput> inputs)
    {
        var comment = Maybe(() => "comment");
        JobStep step = Next(-1, depth < 3 ? 6 : 4) switch
        {
            0 => new FillStep(Any(_buffers), Value()) { Offset = Maybe(() => (Expression)1024), Size = 1024 },
            1 when inputs.Count > 0 =>
                new WriteStep(Any(_buffers), Any(inputs.Keys)) { Size = 1, Offset = Number(3000) },
            2 => new ReadStep(Any(_buffers), "out") { Offset = Number(3000), Size = Number(90, 1) },
            3 => new CopyStep("b0", "b0") { FromOffset = Number(1000), ToOffset = 2048, Size = Number(90, 1) },
            4 => Create(),
            5 when Pick(0, 3) => new ClockStep("out"),
            5 or 6 => Repeat(depth, inputs),
            _ => Launch(),
        };
        return step with { Comment = comment };
    }

    private CreateStep Create()
    {
        var name = $"t{_names++}";
        if (Pick(0, 1))
        {
            return new CreateStep("i" + name, Image());
        }

        _buffers.Add(name);
        return new CreateStep(name, new JobBuffer { Size = Number(1000, 4200) });
    }

    private RepeatStep Repeat(int depth, Dictionary<string, JobInput> inputs)
    {
        var counter = Maybe(() => $"k{_names++}");
        if (counter is not null)
        {
            _counters.Add(counter);
        }

        var repeat = new RepeatStep(Pick(0, 1) ? Next(1, 20) : "c", Steps(depth + 1, inputs)) { Counter = counter };
        if (counter is not null)
        {
            _counters.Remove(counter);
        }

        return repeat;
    }

    private LaunchStep Launch()
    {
        var dimensions = Next(1, 3);
        return new LaunchStep("kernel_" + Next(0, 9), Range(dimensions))
        {
            Program = Maybe(() => "p"),
            Local = Maybe(() => Range(dimensions)),
            Offset = Maybe(() => Range(dimensions)),
            Arguments = [.. Enumerable.Range(0, Next(0, 6)).Select(_ => Argument())],
        };
    }

    private Expression[] Range(int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => Number(100, 1))];

    private JobArgument Argument() => Next(0, 2) switch
    {
        0 => Any(_buffers),
        1 => JobArgument.Local(Number(100, 1)),
        _ => new ValueArgument(Value()),
    };

    private JobValue Value()
    {
        var type = OpenClType.ByName.Values.ElementAt(Next(0, OpenClType.ByName.Count - 1));
        return new JobValue(type, [.. Enumerable.Range(0, type.Width).Select(_ =>
            type.IsReal ? Pick(0, 1) ? _random.NextDouble() - 0.5 : "half * -3 / c" : Number(100))]);
    }

    /// <summary>An expression with a value of <paramref name="minimum"/> and up to so much more.</summary>
    private Expression Number(int span, int minimum = 0)
    {
        var constant = Next(0, span);
        return Next(0, 3) switch
        {
            0 => constant + minimum,
            1 when _counters.Count > 0 => $"{minimum} + min({Any(_counters)}, {constant})",
            2 => $"{minimum} + c % {constant + 1}",
            _ => $"({constant} - {constant} / 2 << 0) / 2 + {minimum}",
        };
    }

    private string Text(string characters, int length)
    {
        var runes = characters.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, Next(0, length)).Select(_ => runes[Next(0, runes.Length - 1)]));
    }

    private Dictionary<string, T> MaybeOne<T>(string name, Func<T> make)
    {
        var map = new Dictionary<string, T>();
        if (Pick(0, 1))
        {
            map.Add(name, make());
        }

        return map;
    }

    private T? Maybe<T>(Func<T> make) => Pick(0, 1) ? default : make();

    private string Any(IReadOnlyCollection<string> names) => names.ElementAt(Next(0, names.Count - 1));

    private bool Pick(int minimum, int maximum) => Next(minimum, maximum) == minimum;

    private int Next(int minimum, int maximum) => _random.Next(minimum, maximum + 1);
}
