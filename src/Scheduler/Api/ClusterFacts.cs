using GpuActors.Actors.Persistence.Store;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Api;

/// <summary>What this scheduler knows of itself, and counts that the store has.</summary>
public sealed class ClusterFacts(IEventStore store, TimeProvider time, string version)
{
    private const int MaxOpenCounted = 100_000;
    private const int PageRows = 1000;

    /// <summary>This scheduler's version.</summary>
    public string Version => version;

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>Its clock.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Jobs that have not ended, by state.</summary>
    public async Task<IReadOnlyDictionary<JobState, long>> CountJobsAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<JobState, long>();
        string? after = null;
        for (var seen = 0; seen < MaxOpenCounted;)
        {
            var page = await store.ListOpenEntitiesAsync(SessionActor.IndexKind, null, after, PageRows, cancellationToken);
            foreach (var row in page)
            {
                var state = Enum.Parse<JobState>(row.Status);
                counts[state] = counts.GetValueOrDefault(state) + 1;
            }

            if (page.Count < PageRows)
            {
                break;
            }

            seen += page.Count;
            after = page[^1].Id;
        }

        return counts;
    }
}
