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

    /// <summary>GET lists the slices that are owned.</summary>
    public const string Slices = "/v1/slices";

    /// <summary>GET tells of the cluster.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET tells whether work is taken; needs no ticket.</summary>
    public const string Health = "/health";
}
