using GpuActors.Client.Http;
using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>What the cluster has and how it is.</summary>
public sealed class ClusterClient
{
    private readonly RequestSender _sender;

    internal ClusterClient(RequestSender sender) => _sender = sender;

    /// <summary>The hosts, by name.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<HostStatus>> ListHostsAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Hosts), ApiJsonContext.Default.HostList, cancellationToken)
            .ConfigureAwait(false)).Hosts;

    /// <summary>One host.</summary>
    /// <exception cref="GpuActorsException">There is none of that name, it was refused, or nobody answered.</exception>
    public Task<HostStatus> GetHostAsync(string name, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRequest.Fill(ApiRoutes.Host, ("host", name))),
            ApiJsonContext.Default.HostStatus,
            cancellationToken);

    /// <summary>The GPUs, by id.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<GpuStatus>> ListGpusAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Gpus), ApiJsonContext.Default.GpuList, cancellationToken)
            .ConfigureAwait(false)).Gpus;

    /// <summary>One GPU, with what it could be cut into.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="index">Its index on the host.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">There is none, it was refused, or nobody answered.</exception>
    public Task<GpuStatus> GetGpuAsync(string host, string index, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRequest.Fill(ApiRoutes.Gpu, ("host", host), ("index", index))),
            ApiJsonContext.Default.GpuStatus,
            cancellationToken);

    /// <summary>The slices that are owned, by id.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<SliceStatus>> ListSlicesAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Slices), ApiJsonContext.Default.SliceList, cancellationToken)
            .ConfigureAwait(false)).Slices;

    /// <summary>What the slices use on which sessions run, by the slice's id.</summary>
    /// <param name="host">Only those of this host; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<SliceUsageStatus>> ListUsageAsync(
        string? host = null, CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Usage) { Query = [("host", host)] },
            ApiJsonContext.Default.SliceUsageList,
            cancellationToken)
            .ConfigureAwait(false)).Slices;

    /// <summary>The queues with what each uses, those above before those below.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<QueueStatus>> ListQueuesAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Queues), ApiJsonContext.Default.QueueList, cancellationToken)
            .ConfigureAwait(false)).Queues;

    /// <summary>The cluster in a few numbers.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public Task<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Status), ApiJsonContext.Default.ClusterStatus, cancellationToken);
}
