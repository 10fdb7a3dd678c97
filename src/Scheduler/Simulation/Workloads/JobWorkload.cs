using System.Text.Json;
using GpuActors.Scheduler.Api;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>
/// Reads a workload of job documents: <c>{"jobs": [{"job": {...}, "arrival": "12s", "duration": "90s"}, {"job": {...},
/// "perHour": 30, "duration": "10m"}]}</c>. Documents are checked as the API checks them.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="models">What profiles there are.</param>
/// <param name="demand">What a document comes to on the hosts.</param>
public sealed class JobWorkload(string path, GpuModels models, JobDemand demand)
{
    private const string Jobs = "jobs";
    private const int MaxVgpusPerSession = 4;
    private const double MaxPerHour = 1e9;

    private static readonly string[] Fields =
        ["job", "arrival", "perHour", "duration", "durations"];

    /// <summary>Jobs that no host of the cluster could ever run; they are left out.</summary>
    public int Unservable { get; private set; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="SimulationInputException">It cannot be read, or something in it is wrong: says
    /// where.</exception>
    public IReadOnlyList<WorkloadTask> Read() => InputFiles.Read(path, () =>
    {
        try
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
            return ReadAll(json.RootElement);
        }
        catch (JsonException e)
        {
            throw new SimulationInputException(
                $"{path}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: not JSON: {e.Message}", e);
        }
    });

    private List<WorkloadTask> ReadAll(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Jobs, out var jobs)
            || jobs.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("", "must be an object with an array 'jobs'");
        }

        var tasks = new List<WorkloadTask>();
        var index = 0;
        foreach (var entry in jobs.EnumerateArray())
        {
            var place = $"/{Jobs}/{index++}";
            if (entry.ValueKind != JsonValueKind.Object)
            {
                throw Wrong(place, "must be an object with 'job', 'duration', and 'arrival' or 'perHour'");
            }

            if (ReadOne(entry, place) is { } task)
            {
                tasks.Add(task);
            }
            else
            {
                Unservable++;
            }
        }

        return tasks.Count > 0 ? tasks : throw Wrong($"/{Jobs}", "has no job that the hosts could run");
    }

    private WorkloadTask? ReadOne(JsonElement entry, string place)
    {
        foreach (var field in entry.EnumerateObject())
        {
            if (!Fields.Contains(field.Name))
            {
                throw Wrong($"{place}/{field.Name}", $"is not a known field; allowed are {string.Join(", ", Fields)}");
            }
        }

        var document = ReadDocument(entry, $"{place}/job");
        var arrival = Seconds(entry, place, "arrival");
        var perHour = Number(entry, place, "perHour", MaxPerHour);
        if (arrival is null == perHour is null)
        {
            throw Wrong(place, "must have either 'arrival', a time, or 'perHour', a rate");
        }

        var tenant = document.Tenant ?? "";
        var needs = HostNeeds.Of(document, tenant);
        var request = demand.Of(
            document.Gpu, needs, HostNeeds.LabelsOf($"{tenant}/{document.Id}", needs.Labels));
        return request is null ? null : new WorkloadTask(request)
        {
            ArrivalSeconds = arrival,
            PerHour = perHour,
            DurationSeconds = Seconds(entry, place, "duration")
                ?? throw Wrong(place, "lacks 'duration': how long the job runs, such as \"90s\""),
            IsDurationDrawn = IsDrawn(entry, place, perHour is not null),
            LimitSeconds = document.TimeLimit?.TotalSeconds ?? double.PositiveInfinity,
            Priority = document.Priority,
            Service = document.Class,
            Tenant = tenant,
        };
    }

    private JobDocument ReadDocument(JsonElement entry, string place)
    {
        if (!entry.TryGetProperty("job", out var job))
        {
            throw Wrong(place, "is missing: the job's document");
        }

        var parsed = JobDocument.Parse(job);
        if (!parsed.IsValid)
        {
            throw Wrong(place + parsed.Problems[0].Path, parsed.Problems[0].Message);
        }

        var refusal = GpuRules.Check(parsed.Document.Gpu, models, MaxVgpusPerSession).FirstOrDefault();
        return refusal is null ? parsed.Document : throw Wrong(place + refusal.Path, refusal.Message);
    }

    private bool IsDrawn(JsonElement entry, string place, bool fallback) =>
        !entry.TryGetProperty("durations", out var how) ? fallback
            : how.ValueKind == JsonValueKind.String && how.GetString() is "exponential" or "fixed"
                ? how.GetString() == "exponential"
                : throw Wrong($"{place}/durations", "must be \"exponential\" ('duration' is the mean) or \"fixed\"");

    private double? Seconds(JsonElement entry, string place, string field)
    {
        if (!entry.TryGetProperty(field, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds >= 0)
        {
            return seconds;
        }

        return value.ValueKind == JsonValueKind.String && Amounts.TrySeconds(value.GetString()!, out seconds)
            ? seconds
            : throw Wrong($"{place}/{field}", "must be a time: seconds, or such as \"90s\", \"5m\", \"2h\"");
    }

    private double? Number(JsonElement entry, string place, string field, double most) =>
        !entry.TryGetProperty(field, out var value) ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number <= most && number > 0
                ? number
                : throw Wrong($"{place}/{field}", $"must be a number above 0, at most {most}");

    private SimulationInputException Wrong(string place, string message) =>
        new($"{path}{(place.Length == 0 ? "" : $", {place}")}: {message}.");
}
