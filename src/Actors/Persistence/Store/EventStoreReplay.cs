using System.Runtime.CompilerServices;

namespace GpuActors.Actors.Persistence.Store;

/// <summary>Reading of events as streams over pages.</summary>
public static class EventStoreReplay
{
    private const int PageEvents = 1_000;

    /// <summary>
    /// Streams the events of <paramref name="persistenceId"/> with sequence numbers from
    /// <paramref name="fromSequenceNr"/> to <paramref name="toSequenceNr"/> (both inclusive), at most
    /// <paramref name="max"/>, in order. At most two pages are in memory.
    /// </summary>
    public static async IAsyncEnumerable<StoredEvent> ReplayAsync(
        this IEventStore store,
        string persistenceId,
        long fromSequenceNr = 1,
        long toSequenceNr = long.MaxValue,
        long max = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (fromSequenceNr <= toSequenceNr && max > 0)
        {
            var limit = (int)Math.Min(PageEvents, max);
            var page = await store
                .ReadEventsAsync(persistenceId, fromSequenceNr, toSequenceNr, limit, cancellationToken);
            if (page.Count == 0)
                yield break;
            foreach (var stored in page)
                yield return stored;
            max -= page.Count;
            fromSequenceNr = page[^1].SequenceNr + 1;
        }
    }
}
