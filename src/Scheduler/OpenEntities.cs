using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Sharding;

namespace GpuActors.Scheduler;

/// <summary>Starts again, after a start of the scheduler, every entity that still has something to do.</summary>
internal static class OpenEntities
{
    private const int PageRows = 1000;

    /// <summary>Sends a start to <paramref name="region"/> for each open entity of <paramref name="kind"/>.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> StartAsync(
        IEventStore store, string kind, IActorRef region, CancellationToken cancellationToken)
    {
        var started = 0;
        string? after = null;
        while (true)
        {
            var page = await store.ListOpenEntitiesAsync(kind, null, after, PageRows, cancellationToken);
            foreach (var row in page)
            {
                region.Tell(new ShardRegion.StartEntity(row.Id), ActorRefs.NoSender);
            }

            started += page.Count;
            if (page.Count < PageRows)
            {
                return started;
            }

            after = page[^1].Id;
        }
    }
}
