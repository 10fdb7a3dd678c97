using System.Globalization;
using System.Text;
using System.Threading.Channels;
using GpuActors.Actors;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// A job's events as server-sent events. The stream ends after the job's last event; a caller that reads too slowly is
/// cut off and resumes with <c>Last-Event-ID</c>.
/// </summary>
public sealed class JobEventEndpoints(ActorSystem system, SchedulerRegions regions)
{
    private const int Buffer = 2048;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(ApiRoutes.JobEvents, (Delegate)StreamAsync)
        .WithSummary("A job's events as server-sent events; Last-Event-ID resumes.")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesProblem(404);

    private async Task StreamAsync(HttpContext context, string id)
    {
        var session = SessionIds.Of(context, id);
        var after = LastEventId(context.Request);
        var events = Channel.CreateBounded<JobEvent>(new BoundedChannelOptions(Buffer) { SingleReader = true });
        var subscriber = system.ActorOf(Props.Create(() => new Subscriber(events.Writer)));
        try
        {
            var subscribed = await SubscribeAsync(id, session, after, subscriber, context.RequestAborted);
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (!subscribed.NoMore)
            {
                await WriteAllAsync(events.Reader, context);
            }
        }
        finally
        {
            system.Stop(subscriber);
        }
    }

    private async Task<JobEventsSubscribed> SubscribeAsync(
        string id, string session, long after, IActorRef subscriber, CancellationToken cancellationToken)
    {
        try
        {
            var question = new SubscribeJobEvents(session, after, subscriber);
            return await regions.Sessions.Ask<object>(question, AnswerTimeout, cancellationToken)
                as JobEventsSubscribed ?? throw ApiProblemException.NotFound($"There is no job '{id}'.");
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable("The session did not answer in time; try again.");
        }
    }

    private async Task WriteAllAsync(ChannelReader<JobEvent> events, HttpContext context)
    {
        var ended = false;
        while (!ended)
        {
            var more = events.WaitToReadAsync(context.RequestAborted).AsTask();
            try
            {
                if (!await more.WaitAsync(KeepAlive, system.Runtime.Time, context.RequestAborted))
                {
                    return;
                }
            }
            catch (TimeoutException)
            {
                await context.Response.WriteAsync(": keep-alive\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                continue;
            }

            var text = new StringBuilder();
            while (!ended && events.TryRead(out var happened))
            {
                Append(text, happened);
                ended = happened is JobStateEvent state && state.State.IsTerminal();
            }

            await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static void Append(StringBuilder text, JobEvent happened) => text
        .Append(CultureInfo.InvariantCulture, $"id: {happened.Sequence}\n")
        .Append("event: ").Append(happened.Kind)
        .Append("\ndata: ").Append(happened.ToData()).Append("\n\n");

    private static long LastEventId(HttpRequest request)
    {
        var text = request.Headers["Last-Event-ID"].ToString();
        if (text.Length == 0)
        {
            return 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw ApiProblemException.InvalidRequest("Last-Event-ID", "must be the id of an earlier event.");
    }

    private sealed class Subscriber : ReceiveActor
    {
        public Subscriber(ChannelWriter<JobEvent> events) => Receive<JobEvent>(happened =>
        {
            if (!events.TryWrite(happened))
            {
                events.TryComplete();
            }
        });
    }
}
