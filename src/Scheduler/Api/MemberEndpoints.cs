using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using GpuActors.Actors;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>The scheduler nodes: who they are, leave, down, changes among them. For operators.</summary>
public sealed class MemberEndpoints(ActorSystem system)
{
    private readonly TimeProvider _time = system.Runtime.Time;

    private Cluster Cluster => Cluster.Get(system);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Members, (Delegate)List)
            .WithSummary("Lists the scheduler nodes.").Produces<ClusterMemberList>();
        routes.MapPost(ApiRoutes.MemberLeave, (Delegate)Leave)
            .WithSummary("Lets a scheduler node hand over what it owns and leave.")
            .Produces<ClusterMember>(StatusCodes.Status202Accepted).ProducesProblem(404);
        routes.MapPost(ApiRoutes.MemberDown, (Delegate)Down)
            .WithSummary("Declares a scheduler node dead; what it owned is taken over at once.")
            .Produces<ClusterMember>(StatusCodes.Status202Accepted).ProducesProblem(404);
        routes.MapGet(ApiRoutes.ClusterEvents, (Delegate)StreamAsync)
            .WithSummary("Changes among the scheduler nodes as server-sent events.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
    }

    private IResult List(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var state = Cluster.State;
        return Results.Json(
            new ClusterMemberList { Members = [.. state.Members.Select(member => Described(member, state))] },
            ApiJsonContext.Default.ClusterMemberList);
    }

    private IResult Leave(HttpContext context, string address) => Change(context, address, Cluster.Leave);

    private IResult Down(HttpContext context, string address) => Change(context, address, Cluster.Down);

    private IResult Change(HttpContext context, string address, Action<Address> change)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var state = Cluster.State;
        var member = state.Members.LastOrDefault(m => AddressOf(m) == address && m.Status < MemberStatus.Down)
            ?? throw ApiProblemException.NotFound(
                $"There is no scheduler node '{address}'; there are {string.Join(", ", state.Members.Select(AddressOf))}.");
        change(member.Address);
        return Results.Json(
            Described(member, state), ApiJsonContext.Default.ClusterMember, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task StreamAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var changes = ServerSentEvents.NewBuffer<ClusterChange>();
        var subscriber = system.ActorOf(Props.Create(() => new Subscriber(this, changes.Writer)));
        try
        {
            await ServerSentEvents.BeginAsync(context);
            await ServerSentEvents.WriteAllAsync(context, changes.Reader, _time, Append);
        }
        finally
        {
            system.Stop(subscriber);
        }
    }

    private static bool Append(StringBuilder text, ClusterChange change)
    {
        text.Append("event: ").Append(change.Kind).Append("\ndata: ")
            .Append(JsonSerializer.Serialize(change, ApiJsonContext.Default.ClusterChange)).Append("\n\n");
        return true;
    }

    private ClusterChange Described(string kind, Member member) => new()
    {
        At = _time.GetUtcNow(),
        Kind = kind,
        Member = Described(member, Cluster.State),
    };

    private ClusterMember Described(Member member, ClusterEvent.CurrentClusterState state) => new()
    {
        Address = AddressOf(member),
        HttpAddress = member.HttpAddress,
        State = Enum.Parse<MemberState>(member.Status.ToString()),
        Reachable = member.IsReachable,
        Leader = member.Address == state.Leader,
        Self = member.Id == Cluster.SelfMember?.Id,
        Roles = member.Roles,
        Version = member.AppVersion,
        JoinedAt = member.JoinedAt,
    };

    /// <summary><c>host:port</c></summary>
    internal static string AddressOf(Address address) => $"{address.Host}:{address.Port}";

    private static string AddressOf(Member member) => AddressOf(member.Address);

    /// <summary>Passes changes on; one who reads too slowly is cut off.</summary>
    private sealed class Subscriber : ReceiveActor
    {
        private readonly Cluster _cluster;

        public Subscriber(MemberEndpoints endpoints, ChannelWriter<ClusterChange> changes)
        {
            _cluster = endpoints.Cluster;
            Receive<ClusterEvent.CurrentClusterState>(_ => { });
            Receive<ClusterEvent.IMemberEvent>(happened => Pass(happened, happened.Member));
            Receive<ClusterEvent.UnreachableMember>(happened => Pass(happened, happened.Member));
            Receive<ClusterEvent.ReachableMember>(happened => Pass(happened, happened.Member));

            void Pass(object happened, Member member)
            {
                if (!changes.TryWrite(endpoints.Described(happened.GetType().Name, member)))
                {
                    changes.TryComplete();
                }
            }
        }

        protected override void PreStart() =>
            _cluster.Subscribe(Self, typeof(ClusterEvent.IClusterDomainEvent));

        protected override void PostStop() => _cluster.Unsubscribe(Self);
    }
}
