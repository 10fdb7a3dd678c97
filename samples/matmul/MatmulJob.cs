using GpuActors.Shared.Jobs;

namespace GpuActors.Samples.Matmul;

/// <summary>Makes the job that multiplies two square matrices again and again, and takes the time of it.</summary>
public sealed record MatmulJob
{
    /// <summary>The output with the product, row by row, as floats.</summary>
    public const string ProductOutput = "product";

    /// <summary>The output with the device's time before and after the multiplications, in nanoseconds.</summary>
    public const string TimesOutput = "times";

    private const int RowsOfItem = 4;
    private const int ColumnsOfItem = 8;

    /// <summary>The job's id; null: made from size and seed.</summary>
    public string? Id { get; init; }

    /// <summary>Rows, and columns, of each matrix; a multiple of 8.</summary>
    public int Size { get; init; } = 1024;

    /// <summary>How often they are multiplied.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>Decides the numbers in the matrices.</summary>
    public uint Seed { get; init; } = 1;

    /// <summary>How much GPU.</summary>
    public GpuRequest Gpu { get; init; } = new() { MemoryBytes = 64 << 20, ComputePercent = 50 };

    /// <summary>Floating-point operations of all multiplications: 2·SIZE³ each.</summary>
    public double Operations => 2.0 * Size * Size * Size * Rounds;

    /// <summary>The job's document.</summary>
    /// <exception cref="InvalidOperationException">The size is not a multiple of 8.</exception>
    public JobDocument Build()
    {
        if (Size <= 0 || Size % ColumnsOfItem != 0)
        {
            throw new InvalidOperationException($"The size must be a multiple of {ColumnsOfItem}; it is {Size}.");
        }

        var matrix = new JobBuffer { Size = "size * size * sizeof(float)" };
        return new JobDocument
        {
            Id = Id ?? $"matmul-{Size}-{Seed}",
            Comment = $"Multiplies matrices of {Size}x{Size}, {Rounds} times.",
            Gpu = Gpu,
            Constants = new Dictionary<string, Shared.Jobs.Expressions.Expression> { ["size"] = Size },
            Programs = new Dictionary<string, JobProgram> { ["matmul"] = new(Source(), $"-D SIZE={Size}") },
            Buffers = new Dictionary<string, JobBuffer> { ["a"] = matrix, ["b"] = matrix, ["c"] = matrix },
            Steps =
            [
                new LaunchStep("make", ["size * size"]) { Arguments = ["a", JobArgument.UInt(Seed)] },
                new LaunchStep("make", ["size * size"]) { Arguments = ["b", JobArgument.UInt(Seed + 1L)] },
                Multiply() with { Comment = "Once before the clock: a device may finish a build at the first launch." },
                new ClockStep(TimesOutput),
                new RepeatStep(Rounds, [Multiply()]),
                new ClockStep(TimesOutput),
                new ReadStep("c", ProductOutput),
            ],
            Outputs = new Dictionary<string, JobOutput>
            {
                [ProductOutput] = new() { Element = new OpenClType(ScalarType.Float) },
                [TimesOutput] = new() { Element = new OpenClType(ScalarType.ULong) },
            },
            Labels = new Dictionary<string, string> { ["sample"] = "matmul" },
        };
    }

    private static LaunchStep Multiply() =>
        new("multiply", [$"size / {ColumnsOfItem}", $"size / {RowsOfItem}"]) { Arguments = ["a", "b", "c"] };

    private static string Source()
    {
        using var stream = typeof(MatmulJob).Assembly.GetManifestResourceStream("matmul.cl")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
