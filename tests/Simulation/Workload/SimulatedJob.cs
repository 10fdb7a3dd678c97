using System.Text;
using System.Text.Json;
using GpuActors.Actors.TestKit;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Simulation.Workload;

/// <summary>A job as its client knows it.</summary>
internal sealed class SimulatedJob
{
    private static readonly string[] Requests =
    [
        "\"whole\": true", "\"whole\": true, \"count\": 2", "\"memory\": \"25%\"", "\"memory\": \"2GiB\", \"compute\": \"10%\"",
        "\"memory\": \"50%\", \"compute\": \"30%\"", "\"compute\": \"60%\"", "\"memory\": \"9GiB\"",
        "\"memory\": \"1GiB\", \"model\": \"A100*\"", "\"whole\": true, \"model\": \"T4\"",
        "\"profile\": \"1g.5gb\"", "\"profile\": \"2g.10gb\"", "\"profile\": \"3g.20gb\"", "\"profile\": \"7g.40gb\"",
        "\"profile\": \"A100-5C\"", "\"profile\": \"A100-10C\", \"count\": 2", "\"profile\": \"A100-20C\"",
        "\"memory\": \"10%\", \"shares\": \"high\", \"computeLimit\": 50, \"vendor\": \"NVIDIA\"", "\"function\": true",
    ];

    private static readonly string[] Impossible = ["\"memory\": \"1GiB\", \"model\": \"H200*\"", "\"memory\": \"900GiB\"", "\"profile\": \"1g.18gb\""];

    public SimulatedJob(string id, SeededRandomSource random)
    {
        Id = id;
        IsImpossible = random.Next(60) == 0;
        var gpu = IsImpossible ? Impossible[random.Next(Impossible.Length)] : Requests[random.Next(Requests.Length)];
        var text = $$"""
            {
              "id": "{{id}}", "priority": {{random.Next(4)}}, "retries": {{random.Next(4)}}, "timeLimit": "{{5 + random.Next(60)}}s",
              "gpu": { {{gpu}} },
              "programs": { "main": { "source": "kernel void k(global int* b) { b[0] = 1; }" } },
              "buffers": { "b": { "size": 4096 } },
              "steps": [{ "launch": { "kernel": "k", "global": 64, "args": ["b"] } }]
            }
            """;
        IsInteractive = random.Next(6) == 0 && !gpu.Contains("count", StringComparison.Ordinal);
        if (IsInteractive)
        {
            var lease = random.Next(2) == 0 ? "" : "\"lease\": null";
            text = $$"""
                {
                  "id": "{{id}}", "priority": {{random.Next(4)}}, "timeLimit": "{{5 + random.Next(60)}}s",
                  "gpu": { {{gpu}} }, "interactive": { {{lease}} }
                }
                """;
        }

        var json = Encoding.UTF8.GetBytes(text);
        Document = JobDocument.Parse(json).GetDocumentOrThrow();
        using var parsed = JsonDocument.Parse(json);
        Json = parsed.RootElement.Clone();
    }

    public const string Tenant = "t";

    public string Id { get; }

    public string Session => $"{Tenant}/{Id}";

    public JobDocument Document { get; }

    public JsonElement Json { get; }

    /// <summary>A session that its client drives.</summary>
    public bool IsInteractive { get; }

    /// <summary>No host will ever fit.</summary>
    public bool IsImpossible { get; }

    /// <summary>Its client was told that it is accepted.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>The end that its client was told; null before.</summary>
    public JobState? ToldEnd { get; set; }

    /// <summary>Why it waits, as its client was told last.</summary>
    public string? Reason { get; set; }
}
