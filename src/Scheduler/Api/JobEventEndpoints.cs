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
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(ApiRoutes.JobEvents, (Delegate)StreamAsync)
        .WithSummary("A job's events as server-sent events; Last-Event-ID resumes.")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesProblem(404);

    private async Task StreamAsync(HttpContext context, string id)
    {
        var session = SessionIds.Of(context, id);
        var after = LastEventId(context.Request);
        var events = ServerSentEvents.NewBuffer<JobEvent>();
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = new SubscribeJobEvents(session, after);
        var subscriber = system.ActorOf(Props.Create(() => new Subscriber(regions.Sessions, question, answer, events.Writer)));
        try
        {
            var subscribed = await SubscribedAsync(id, answer.Task, context.RequestAborted);
            await ServerSentEvents.BeginAsync(context);
            if (!subscribed.NoMore)
            {
                await ServerSentEvents.WriteAllAsync(context, events.Reader, system.Runtime.Time, Append);
            }
        }
        finally
        {
            system.Stop(subscriber);
        }
    }

    private async Task<JobEventsSubscribed> SubscribedAsync(
        string id, Task<object> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(AnswerTimeout, system.Runtime.Time, cancellationToken)
                as JobEventsSubscribed ?? throw ApiProblemException.NotFound($"There is no job '{id}'.");
        }
        catch (TimeoutException)
        {
            throw ApiProblemException.Unavailable("The session did not answer in time; try again.");
        }
    }

    private static bool Append(StringBuilder text, JobEvent happened)
    {
        text.Append(CultureInfo.InvariantCulture, $"id: {happened.Sequence}\n")
            .Append("event: ").Append(happened.Kind)
            .Append("\ndata: ").Append(happened.ToData()).Append("\n\n");
        return happened is not JobStateEvent state || !state.State.IsTerminal();
    }

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

    /// <summary>
    /// Subscribes and passes events on. When the session's actor is gone (its node died, or its shard moved), the stream
    /// ends: the caller resumes behind the last event that it has.
    /// </summary>
    private sealed class Subscriber : ReceiveActor
    {
        private readonly IActorRef _sessions;
        private readonly SubscribeJobEvents _question;

        public Subscriber(
            IActorRef sessions,
            SubscribeJobEvents question,
            TaskCompletionSource<object> answer,
            ChannelWriter<JobEvent> events)
        {
            _sessions = sessions;
            _question = question;
            Receive<JobEventsSubscribed>(subscribed =>
            {
                Context.Watch(Sender);
                answer.TrySetResult(subscribed);
            });
            Receive<NoSuchJob>(none => answer.TrySetResult(none));
            Receive<Terminated>(_ => events.TryComplete());
            Receive<JobEvent>(happened =>
            {
                if (!events.TryWrite(happened))
                {
                    events.TryComplete();
                }
            });
        }

        protected override void PreStart() => _sessions.Tell(_question, Self);
    }
}
