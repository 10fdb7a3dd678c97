using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary>All about one job.</summary>
internal static class JobDetails
{
    public static void Write(CommandCall call, JobStatus job)
    {
        if (call.Results.Json)
        {
            call.Results.WriteJson(job);
            return;
        }

        call.Results.WriteDetails(
            ("Job", job.Id),
            ("Tenant", job.Tenant),
            ("State", job.State.ToString()),
            ("Reason", job.Reason),
            ("Steps", Words.Progress(job.Progress)),
            ("Queue", job.Queue),
            ("Class", job.Class == Shared.Jobs.JobClass.Scavenger ? "scavenger" : "normal"),
            ("Priority", $"{job.Priority}"),
            ("Preempted", job.Preemptions == 0 ? null : job.Preemptions == 1 ? "once" : $"{job.Preemptions} times"),
            ("Attempt", job.Attempt == 0 ? null : $"{job.Attempt} (epoch {job.Epoch})"),
            ("Slices", string.Join('\n', job.Slices.Select(SliceLine))),
            ("Submitted", Words.Time(job.SubmittedAt)),
            ("Started", Words.Time(job.StartedAt)),
            ("Ended", Words.Time(job.EndedAt)),
            ("Ran", job is { StartedAt: { } start, EndedAt: { } end } ? Words.Span(end - start) : null),
            ("Labels", string.Join('\n', job.Labels.Select(l => $"{l.Key}={l.Value}"))),
            ("Error", job.Error is { } error ? $"{error.Kind}: {error.Message}" : null),
            ("Step", job.Error?.Step),
            ("Log", job.Error?.Log));
        if (job.Outputs.Count > 0)
        {
            WriteOutputs(call, job.Outputs);
        }
    }

    public static void WriteOutputs(CommandCall call, IReadOnlyList<JobOutput> outputs)
    {
        var table = new Table(
            new Column("Output"), new Column("Size", true), new Column("Type"), new Column("SHA-256"));
        foreach (var output in outputs)
        {
            table.Add(output.Name, Words.Size(output.Size), output.ContentType, output.Sha256);
        }

        call.Results.WriteTable(table, "The job has no outputs.");
    }

    public static string SliceLine(PlacedSlice slice) =>
        $"{slice.Slice} ({Words.Size(slice.MemoryBytes)}, {Words.Percent(slice.ComputePercent)})";
}
