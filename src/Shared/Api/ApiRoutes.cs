namespace GpuActors.Shared.Api;

/// <summary>The paths of the HTTP API, the same words for server, client and documentation.</summary>
public static class ApiRoutes
{
    /// <summary>POST submits, GET lists (<c>?state=&amp;limit=&amp;after=&amp;tenant=</c>).</summary>
    public const string Jobs = "/v1/jobs";

    /// <summary>GET tells of one job (<c>?wait=30s&amp;tenant=</c>).</summary>
    public const string Job = "/v1/jobs/{id}";

    /// <summary>POST cancels.</summary>
    public const string JobCancel = "/v1/jobs/{id}/cancel";

    /// <summary>GET streams server-sent events; <c>Last-Event-ID</c> resumes.</summary>
    public const string JobEvents = "/v1/jobs/{id}/events";

    /// <summary>GET lists the outputs.</summary>
    public const string JobOutputs = "/v1/jobs/{id}/outputs";

    /// <summary>GET reads one output's bytes (Range).</summary>
    public const string JobOutput = "/v1/jobs/{id}/outputs/{name}";

    /// <summary>GET reads the document as it was submitted.</summary>
    public const string JobDocument = "/v1/jobs/{id}/document";

    /// <summary>GET tells why a job is where it is, or why it waits and what would help.</summary>
    public const string JobExplain = "/v1/jobs/{id}/explain";

    /// <summary>POST asks for an interactive session, GET lists them (<c>?all=&amp;limit=&amp;after=&amp;tenant=</c>).</summary>
    public const string Sessions = "/v1/sessions";

    /// <summary>GET tells of one session (<c>?wait=30s&amp;after=STATE&amp;tenant=</c>), DELETE ends it.</summary>
    public const string Session = "/v1/sessions/{id}";

    /// <summary>POST uploads bytes under whatever SHA-256 they have.</summary>
    public const string Blobs = "/v1/blobs";

    /// <summary>PUT uploads, GET and HEAD read (Range).</summary>
    public const string Blob = "/v1/blobs/{sha256}";

    /// <summary>GET lists the hosts.</summary>
    public const string Hosts = "/v1/hosts";

    /// <summary>GET tells of one host.</summary>
    public const string Host = "/v1/hosts/{host}";

    /// <summary>GET lists the GPUs.</summary>
    public const string Gpus = "/v1/gpus";

    /// <summary>GET tells of one GPU, with what it could be cut into.</summary>
    public const string Gpu = "/v1/hosts/{host}/gpus/{index}";

    /// <summary>PUT sets the mode of an empty GPU.</summary>
    public const string GpuMode = "/v1/hosts/{host}/gpus/{index}/mode";

    /// <summary>GET lists the queues with what each uses.</summary>
    public const string Queues = "/v1/queues";

    /// <summary>GET lists the slices that are owned.</summary>
    public const string Slices = "/v1/slices";

    /// <summary>GET tells what the slices use (<c>?host=</c>).</summary>
    public const string Usage = "/v1/usage";

    /// <summary>GET tells of the cluster.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET lists the scheduler nodes.</summary>
    public const string Members = "/v1/cluster/members";

    /// <summary>POST lets a scheduler node hand over what it owns and leave.</summary>
    public const string MemberLeave = "/v1/cluster/members/{address}/leave";

    /// <summary>POST declares a scheduler node dead.</summary>
    public const string MemberDown = "/v1/cluster/members/{address}/down";

    /// <summary>GET streams changes among the scheduler nodes as server-sent events.</summary>
    public const string ClusterEvents = "/v1/cluster/events";

    /// <summary>GET tells how many entities of each kind run where.</summary>
    public const string Regions = "/v1/cluster/regions";

    /// <summary>GET lists the shards of one kind of entity.</summary>
    public const string Shards = "/v1/cluster/regions/{region}/shards";

    /// <summary>GET lists actors of the node that answers (<c>?path=&amp;depth=&amp;limit=</c>).</summary>
    public const string Actors = "/v1/actors";

    /// <summary>GET lists the actors of the node that answers whose journal can't be read.</summary>
    public const string QuarantinedActors = "/v1/actors/quarantined";

    /// <summary>GET reads the journal (<c>?after=&amp;tag=&amp;limit=</c>); without <c>after</c> its end.</summary>
    public const string Journal = "/v1/journal";

    /// <summary>GET reads the events of one actor (<c>?id=&amp;from=&amp;limit=</c>).</summary>
    public const string JournalReplay = "/v1/journal/replay";

    /// <summary>GET reads the newest log entries of the node that answers (<c>?after=&amp;level=&amp;limit=</c>).</summary>
    public const string Log = "/v1/log";

    /// <summary>GET and PUT the levels of the node that answers.</summary>
    public const string LogLevels = "/v1/log/levels";

    /// <summary>GET tells the metrics of the node that answers in Prometheus' text format.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET tells whether work is taken; needs no ticket.</summary>
    public const string Health = "/health";
}
