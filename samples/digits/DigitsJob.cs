using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Samples.Digits;

/// <summary>
/// Makes the job that trains a network of two layers on handwritten digits: all of it, from the first weights to the
/// held-out accuracy, are kernels in the repeats of one document.
/// </summary>
public sealed record DigitsJob
{
    /// <summary>The output with the mean training loss of each epoch, as floats.</summary>
    public const string LossOutput = "loss";

    /// <summary>The output with the share of held-out digits recognised after each epoch, as floats.</summary>
    public const string AccuracyOutput = "accuracy";

    /// <summary>The output with the digit recognised in each held-out image, a byte each.</summary>
    public const string PredictionsOutput = "predictions";

    /// <summary>The output with the trained parameters, as floats.</summary>
    public const string WeightsOutput = "weights";

    private const int Classes = 10;

    /// <summary>The job's id; null: made from the seed.</summary>
    public string? Id { get; init; }

    /// <summary>Decides the first weights, the order of the images, and how they are turned and shifted.</summary>
    public uint Seed { get; init; } = 1;

    /// <summary>How often all training images are gone through.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Units of the layer between.</summary>
    public int Hidden { get; init; } = 256;

    /// <summary>Images of a mini-batch.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>How much GPU.</summary>
    public GpuRequest Gpu { get; init; } = new() { MemoryBytes = 64 << 20, ComputePercent = 50 };

    private int Parameters => (DigitsData.Pixels * Hidden) + Hidden + (Hidden * Classes) + Classes;

    /// <summary>The job's document for the given digits.</summary>
    public JobDocument Build(DigitsData data)
    {
        var batches = data.Training / Batch;
        return new JobDocument
        {
            Id = Id ?? $"digits-{Seed}",
            Comment = "Trains a network of two layers on handwritten digits; the last fifth is held out.",
            Gpu = Gpu,
            Programs = new Dictionary<string, JobProgram> { ["digits"] = new(Source(), Options(data, batches)) },
            Inputs = new Dictionary<string, JobInput>
            {
                ["images"] = InlineInput.FromBytes(data.Images),
                ["labels"] = InlineInput.FromBytes(data.Labels),
            },
            Buffers = Buffers(data),
            Steps =
            [
                Launch("initialise", [Parameters], "parameters", JobArgument.UInt(Seed)),
                Launch("load_held_out", [data.HeldOut * DigitsData.Pixels], "images", "held_out"),
                new RepeatStep(Epochs, [.. Epoch(data, batches)]) { Counter = "epoch" },
                new ReadStep("loss", LossOutput),
                new ReadStep("accuracy", AccuracyOutput),
                new ReadStep("predictions", PredictionsOutput),
                new ReadStep("parameters", WeightsOutput),
            ],
            Outputs = new Dictionary<string, JobOutput>
            {
                [LossOutput] = new() { Element = new OpenClType(ScalarType.Float) },
                [AccuracyOutput] = new() { Element = new OpenClType(ScalarType.Float) },
                [PredictionsOutput] = new() { Element = new OpenClType(ScalarType.UChar) },
                [WeightsOutput] = new() { Element = new OpenClType(ScalarType.Float) },
            },
            TimeLimit = TimeSpan.FromMinutes(10),
            Labels = new Dictionary<string, string> { ["sample"] = "digits" },
        };
    }

    private IEnumerable<JobStep> Epoch(DigitsData data, int batches) =>
    [
        Launch("draw_order", [data.Training], "order", JobArgument.UInt(Seed), JobArgument.UInt("epoch")),
        new FillStep("losses", JobValue.Of(ScalarType.Float, 0)),
        new RepeatStep(batches, [.. TrainOnBatch(batches)]) { Counter = "batch" },
        Launch("forward_hidden", [Hidden, data.HeldOut], "held_out", "parameters", "held_out_hidden"),
        Launch("forward_classes", [Classes, data.HeldOut], "held_out_hidden", "parameters", "held_out_sums"),
        Launch("decide", [data.HeldOut], "held_out_sums", "predictions"),
        Launch("summarise", [1], "losses", "predictions", "labels", "loss", "accuracy", JobArgument.UInt("epoch")),
    ];

    private IEnumerable<JobStep> TrainOnBatch(int batches)
    {
        var first = JobArgument.UInt($"batch * {Batch}");
        return
        [
            Launch(
                "load_batch", [DigitsData.Pixels, Batch], "images", "order", "batch", JobArgument.UInt(Seed),
                JobArgument.UInt("epoch"), first),
            Launch("forward_hidden", [Hidden, Batch], "batch", "parameters", "hidden"),
            Launch("forward_classes", [Classes, Batch], "hidden", "parameters", "gradients"),
            Launch("compare", [Batch], "gradients", "labels", "order", "losses", first),
            Launch("backward_hidden", [Hidden, Batch], "hidden", "parameters", "gradients", "hidden_gradients"),
            Launch(
                "update", [Parameters], "batch", "hidden", "gradients", "hidden_gradients", "parameters", "momentum",
                "variance", JobArgument.UInt($"epoch * {batches} + batch")),
        ];
    }

    private Dictionary<string, JobBuffer> Buffers(DigitsData data) => new()
    {
        ["images"] = new() { From = "images" },
        ["labels"] = new() { From = "labels" },
        ["order"] = Numbers(data.Training, "ushort"),
        ["parameters"] = Numbers(Parameters),
        ["momentum"] = Numbers(Parameters),
        ["variance"] = Numbers(Parameters),
        ["batch"] = Numbers(Batch * DigitsData.Pixels),
        ["hidden"] = Numbers(Batch * Hidden),
        ["gradients"] = Numbers(Batch * Classes),
        ["hidden_gradients"] = Numbers(Batch * Hidden),
        ["losses"] = Numbers(Batch),
        ["held_out"] = Numbers(data.HeldOut * DigitsData.Pixels),
        ["held_out_hidden"] = Numbers(data.HeldOut * Hidden),
        ["held_out_sums"] = Numbers(data.HeldOut * Classes),
        ["predictions"] = Numbers(data.HeldOut, "uchar"),
        ["loss"] = Numbers(Epochs),
        ["accuracy"] = Numbers(Epochs),
    };

    private string Options(DigitsData data, int batches) =>
        $"-D PIXELS={DigitsData.Pixels} -D HIDDEN={Hidden} -D CLASSES={Classes} -D BATCH={Batch} " +
        $"-D BATCHES={batches} -D TRAINING={data.Training} -D HELD_OUT={data.HeldOut} -D ROUNDS={Epochs * batches}";

    private static JobBuffer Numbers(int count, string type = "float") => new() { Size = $"{count} * sizeof({type})" };

    private static LaunchStep Launch(string kernel, Expression[] global, params JobArgument[] arguments) =>
        new(kernel, global) { Arguments = arguments };

    private static string Source()
    {
        using var stream = typeof(DigitsJob).Assembly.GetManifestResourceStream("digits.cl")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
