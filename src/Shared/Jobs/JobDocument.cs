using System.Buffers;
using System.Collections.ObjectModel;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Planning;
using GpuActors.Shared.Jobs.Reading;
using GpuActors.Shared.Jobs.Writing;

namespace GpuActors.Shared.Jobs;

/// <summary>
/// A job: programs, inputs and the steps that make outputs of them, and how much GPU that takes. Its JSON form is
/// described in <c>docs/jobs.md</c> and <c>docs/job.schema.json</c>.
/// </summary>
public sealed record JobDocument
{
    /// <summary>Source code and expressions stay readable: the text goes into JSON, never into HTML.</summary>
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Chosen by the client; unique for its tenant.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant; null: that of the caller's ticket.</summary>
    public string? Tenant { get; init; }

    /// <summary>What the job is for, for people.</summary>
    public string? Comment { get; init; }

    /// <summary>How much GPU.</summary>
    public required GpuRequest Gpu { get; init; }

    /// <summary>What it takes of its host beside GPUs.</summary>
    public HostRequest Host { get; init; } = HostRequest.None;

    /// <summary>On which hosts, and beside which other jobs, it must or should run.</summary>
    public JobPlacement Placement { get; init; } = JobPlacement.Anywhere;

    /// <summary>
    /// Of a session that its client drives command by command, and which has no steps; null: the document has steps.
    /// </summary>
    public InteractiveTerms? Interactive { get; init; }

    /// <summary>Numbers that expressions can use by name.</summary>
    public IReadOnlyDictionary<string, Expression> Constants { get; init; } = NoneOf<Expression>();

    /// <summary>OpenCL C programs.</summary>
    public IReadOnlyDictionary<string, JobProgram> Programs { get; init; } = NoneOf<JobProgram>();

    /// <summary>Bytes to start from.</summary>
    public IReadOnlyDictionary<string, JobInput> Inputs { get; init; } = NoneOf<JobInput>();

    /// <summary>Buffers that live as long as the job.</summary>
    public IReadOnlyDictionary<string, JobBuffer> Buffers { get; init; } = NoneOf<JobBuffer>();

    /// <summary>Images that live as long as the job.</summary>
    public IReadOnlyDictionary<string, JobImage> Images { get; init; } = NoneOf<JobImage>();

    /// <summary>What to do, in order; empty if it is <see cref="Interactive"/>.</summary>
    public required IReadOnlyList<JobStep> Steps { get; init; }

    /// <summary>What comes out.</summary>
    public IReadOnlyDictionary<string, JobOutput> Outputs { get; init; } = NoneOf<JobOutput>();

    /// <summary>How long an attempt may run; null: what the scheduler's settings say.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>How often the job is tried again after a worker gave an attempt up through no fault of the job.</summary>
    public int Retries { get; init; } = JobLimits.DefaultRetries;

    /// <summary>-100 to 100; the higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that it is charged to; null: that of its tenant.</summary>
    public string? Queue { get; init; }

    /// <summary>Normal, or a scavenger, which uses what is idle and yields to every normal job.</summary>
    public JobClass Class { get; init; }

    /// <summary>When it must have begun or be over; null: whenever.</summary>
    public JobDeadline? Deadline { get; init; }

    /// <summary>
    /// Jobs of higher priority may take its place; false: nobody may, and so it uses no borrowed quota either; null: what
    /// the scheduler's settings say.
    /// </summary>
    public bool? Preemptible { get; init; }

    /// <summary>How long it may go on when it has to yield; null: what the scheduler's settings say.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>Words for finding the job again; other jobs of its tenant can ask to run beside it by them.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoneOf<string>();

    /// <summary>
    /// SHA-256 in lower-case hexadecimal over everything but <see cref="Id"/> and <see cref="Tenant"/>; the same for
    /// documents that differ only in blanks, in the order of fields, or in defaults spelled out. Worked out each time.
    /// </summary>
    public string ContentHash
    {
        get
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, WriterOptions);
            JobWriter.Write(writer, this, withIdentity: false);
            writer.Flush();
            return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
        }
    }

    /// <summary>The SHA-256 of each blob that the inputs need, each once.</summary>
    public IEnumerable<string> BlobHashes => Inputs.Values.OfType<BlobInput>().Select(blob => blob.Sha256).Distinct();

    /// <summary>Reads a document from UTF-8 JSON and checks it whole.</summary>
    public static JobParseResult Parse(ReadOnlySpan<byte> utf8) => JobReader.Read(utf8);

    /// <summary>Reads a document from parsed JSON and checks it whole.</summary>
    public static JobParseResult Parse(JsonElement element) => JobReader.Read(element);

    /// <summary>Steps once all repeats are expanded: what progress is measured against.</summary>
    /// <exception cref="JobFormatException">The document is not right.</exception>
    public long CountSteps() => JobPlan.Of(this).TotalSteps;

    /// <summary>Checks a document that was put together in code, as if it had been read.</summary>
    public JobParseResult Check() => Parse(ToJson());

    /// <summary>The document as JSON; defaults are left out and names are in ordinal order.</summary>
    public byte[] ToJson(bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions with { Indented = indented });
        WriteTo(writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the document as one JSON object.</summary>
    public void WriteTo(Utf8JsonWriter writer) => JobWriter.Write(writer, this, withIdentity: true);

    private static ReadOnlyDictionary<string, T> NoneOf<T>() =>
        ReadOnlyDictionary<string, T>.Empty;
}
