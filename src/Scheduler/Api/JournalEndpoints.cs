using System.Text.Json;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>The journal, for the audit: all events by their order or by tag, or one actor's. For operators.</summary>
public sealed class JournalEndpoints(IEventStore store)
{
    private const int MaxPage = 1_000;
    private const int DefaultPage = 100;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Journal, (Delegate)TailAsync)
            .WithSummary("Events behind ?after=, of ?tag=, at most ?limit=; without ?after= the newest.")
            .Produces<JournalPage>();
        routes.MapGet(ApiRoutes.JournalReplay, (Delegate)ReplayAsync)
            .WithSummary("Events of the persistent actor ?id=, from the number ?from= on, at most ?limit=.")
            .Produces<JournalPage>();
    }

    private async Task<IResult> TailAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var limit = Limit(context);
        var tag = QueryReader.Text(context.Request, "tag");
        var after = QueryReader.Position(context.Request, "after");
        var events = after is null && tag is null
            ? await store.ReadNewestEventsAsync(limit, context.RequestAborted)
            : await store.ReadEventsByTagAsync(tag, after ?? 0, limit, context.RequestAborted);
        return Page(events);
    }

    private async Task<IResult> ReplayAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var id = QueryReader.Text(context.Request, "id")
            ?? throw ApiProblemException.InvalidRequest("?id", "must be the id of a persistent actor.");
        var from = QueryReader.Position(context.Request, "from") ?? 1;
        return Page(await store.ReadEventsAsync(id, from, long.MaxValue, Limit(context), context.RequestAborted));
    }

    private static int Limit(HttpContext context) =>
        QueryReader.Number(context.Request, "limit", DefaultPage, 1, MaxPage);

    private static IResult Page(IReadOnlyList<StoredEvent> events) => Results.Json(
        new JournalPage { Events = [.. events.Select(Described)] }, ApiJsonContext.Default.JournalPage);

    private static JournalEntry Described(StoredEvent stored)
    {
        using var payload = JsonDocument.Parse(stored.Payload);
        return new JournalEntry
        {
            Ordering = stored.Ordering,
            PersistenceId = stored.PersistenceId,
            SequenceNr = stored.SequenceNr,
            At = DateTimeOffset.FromUnixTimeMilliseconds(stored.CreatedUnixMs),
            Manifest = stored.Manifest,
            WriterEpoch = stored.WriterEpoch,
            Tags = stored.Tags,
            Payload = payload.RootElement.Clone(),
        };
    }
}
