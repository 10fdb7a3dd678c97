using GpuActors.Client.Http;

namespace GpuActors.Client;

/// <summary>
/// A cluster as a service sees it. Everything that is sent may be sent again: jobs have ids that the caller chooses,
/// blobs are known by their content. So requests are repeated, at another scheduler if there is one, until they are
/// answered or <see cref="GpuActorsClientOptions.Attempts"/> is used up. Safe to use from any thread; make one and
/// keep it.
/// </summary>
/// <example>
/// <code>
/// using var client = new GpuActorsClient(new GpuActorsClientOptions { Servers = [server], Ticket = ticket });
/// await client.Jobs.SubmitAsync(document);
/// var status = await client.Jobs.WaitAsync(document.Id);
/// byte[] result = await client.Jobs.ReadOutputAsync(status, "result");
/// </code>
/// </example>
public sealed class GpuActorsClient : IDisposable
{
    private readonly RequestSender _sender;

    /// <summary>A client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public GpuActorsClient(GpuActorsClientOptions options)
    {
        options.Validate();
        _sender = new RequestSender(options);
        var downloads = new ContentDownloader(_sender);
        Jobs = new JobsClient(_sender, downloads, options);
        Sessions = new SessionsClient(_sender, options);
        Blobs = new BlobsClient(_sender, downloads);
        Cluster = new ClusterClient(_sender);
        Operations = new OperationsClient(_sender);
    }

    /// <summary>Submits, watches and ends jobs.</summary>
    public JobsClient Jobs { get; }

    /// <summary>Asks for interactive sessions, and ends them.</summary>
    public SessionsClient Sessions { get; }

    /// <summary>Uploads and downloads content.</summary>
    public BlobsClient Blobs { get; }

    /// <summary>Hosts, GPUs, slices, status.</summary>
    public ClusterClient Cluster { get; }

    /// <summary>What operators see and do.</summary>
    public OperationsClient Operations { get; }

    /// <summary>Closes all connections.</summary>
    public void Dispose() => _sender.Dispose();
}
