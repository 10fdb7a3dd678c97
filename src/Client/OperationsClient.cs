using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuActors.Client.Events;
using GpuActors.Client.Http;
using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>
/// What operators see and do: scheduler nodes, shards, actors, journal, logs. Needs a ticket of role operator. Actors
/// and logs are those of the node that answers: give the client one server to choose it.
/// </summary>
public sealed class OperationsClient
{
    private readonly RequestSender _sender;

    internal OperationsClient(RequestSender sender) => _sender = sender;

    /// <summary>The scheduler nodes, the oldest first.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<ClusterMember>> ListMembersAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Members), ApiJsonContext.Default.ClusterMemberList, cancellationToken)
            .ConfigureAwait(false)).Members;

    /// <summary>Lets a scheduler node hand over what it owns and leave; returns when it has begun.</summary>
    /// <param name="address">The node: <c>host:port</c>.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">There is none, it was refused, or nobody answered.</exception>
    public Task<ClusterMember> LeaveAsync(string address, CancellationToken cancellationToken = default) =>
        ChangeAsync(ApiRoutes.MemberLeave, address, cancellationToken);

    /// <summary>Declares a scheduler node dead: what it owned is taken over at once.</summary>
    /// <inheritdoc cref="LeaveAsync"/>
    public Task<ClusterMember> DownAsync(string address, CancellationToken cancellationToken = default) =>
        ChangeAsync(ApiRoutes.MemberDown, address, cancellationToken);

    /// <summary>Changes among the scheduler nodes as one of them sees them; ends when its connection does.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async IAsyncEnumerable<ClusterChange> ReadChangesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ApiRequest(HttpMethod.Get, ApiRoutes.ClusterEvents) { Headers = [("Accept", "text/event-stream")] };
        using var response = await _sender.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var reader = new ServerSentEventReader(body);
        while (await NextAsync(reader, cancellationToken).ConfigureAwait(false) is { } received)
        {
            if (!received.IsKeepAlive)
            {
                yield return JsonSerializer.Deserialize(received.Data, ApiJsonContext.Default.ClusterChange)!;
            }
        }
    }

    /// <summary>How many shards and entities of each kind run on which node.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<ShardRegionStatus>> ListRegionsAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Regions), ApiJsonContext.Default.ShardRegionList, cancellationToken)
            .ConfigureAwait(false)).Regions;

    /// <summary>The shards of one kind of entity.</summary>
    /// <exception cref="GpuActorsException">There is no such kind, it was refused, or nobody answered.</exception>
    public Task<ShardList> ListShardsAsync(string region, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRequest.Fill(ApiRoutes.Shards, ("region", region))),
            ApiJsonContext.Default.ShardList,
            cancellationToken);

    /// <summary>An actor and those below it.</summary>
    /// <param name="path">From the root: <c>/user</c>.</param>
    /// <param name="depth">Levels below it.</param>
    /// <param name="limit">Actors below it at most.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">There is none, it was refused, or nobody answered.</exception>
    public Task<ActorList> ListActorsAsync(
        string path, int depth, int limit, CancellationToken cancellationToken = default) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Actors)
            {
                Query = [("path", path), ("depth", Text(depth)), ("limit", Text(limit))],
            },
            ApiJsonContext.Default.ActorList,
            cancellationToken);

    /// <summary>Actors that are not started because their journal can't be read.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<QuarantinedActorStatus>> ListQuarantinedActorsAsync(
        CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.QuarantinedActors), ApiJsonContext.Default.QuarantinedActorList,
            cancellationToken).ConfigureAwait(false)).Actors;

    /// <summary>Events of the journal, oldest first.</summary>
    /// <param name="after">An ordering: only events behind it; null for the newest.</param>
    /// <param name="tag">Only events with this tag.</param>
    /// <param name="limit">Events at most.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(
        long? after, string? tag, int limit, CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Journal)
            {
                Query = [("after", Text(after)), ("tag", tag), ("limit", Text(limit))],
            },
            ApiJsonContext.Default.JournalPage,
            cancellationToken).ConfigureAwait(false)).Events;

    /// <summary>Events of one persistent actor, from a number on.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<JournalEntry>> ReplayAsync(
        string persistenceId, long from, int limit, CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.JournalReplay)
            {
                Query = [("id", persistenceId), ("from", Text(from)), ("limit", Text(limit))],
            },
            ApiJsonContext.Default.JournalPage,
            cancellationToken).ConfigureAwait(false)).Events;

    /// <summary>The newest log entries of a node, oldest first.</summary>
    /// <param name="after">A sequence: only entries behind it; null for the newest.</param>
    /// <param name="least">Only those that matter at least so much.</param>
    /// <param name="limit">Entries at most.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<LogEntry>> ReadLogAsync(
        long? after, LogSeverity least, int limit, CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.Log)
            {
                Query = [("after", Text(after)), ("level", least.ToString()), ("limit", Text(limit))],
            },
            ApiJsonContext.Default.LogPage,
            cancellationToken).ConfigureAwait(false)).Entries;

    /// <summary>What a node logs.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<LogLevelSetting>> ListLogLevelsAsync(CancellationToken cancellationToken = default) =>
        (await _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Get, ApiRoutes.LogLevels), ApiJsonContext.Default.LogLevelList, cancellationToken)
            .ConfigureAwait(false)).Levels;

    /// <summary>Sets what a node logs of the categories that begin with a text.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<IReadOnlyList<LogLevelSetting>> SetLogLevelAsync(
        LogLevelSetting setting, CancellationToken cancellationToken = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(setting, ApiJsonContext.Default.LogLevelSetting);
        var request = new ApiRequest(HttpMethod.Put, ApiRoutes.LogLevels) { Content = () => JsonContent(body) };
        return (await _sender.GetJsonAsync(request, ApiJsonContext.Default.LogLevelList, cancellationToken)
            .ConfigureAwait(false)).Levels;
    }

    /// <summary>Sets the mode of an empty GPU; returns when it is durable.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="index">The GPU's index on the host.</param>
    /// <param name="mode">The name of a mode, or <c>auto</c>: whichever is needed.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="GpuActorsException">There is none, it is not empty, it can't be in that mode, it was refused, or
    /// nobody answered.</exception>
    public Task<GpuStatus> SetGpuModeAsync(
        string host, string index, string mode, CancellationToken cancellationToken = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new GpuModeSetting { Mode = mode }, ApiJsonContext.Default.GpuModeSetting);
        var request = new ApiRequest(
            HttpMethod.Put, ApiRequest.Fill(ApiRoutes.GpuMode, ("host", host), ("index", index)))
        {
            Content = () => JsonContent(body),
        };
        return _sender.GetJsonAsync(request, ApiJsonContext.Default.GpuStatus, cancellationToken);
    }

    private static ReadOnlyMemoryContent JsonContent(byte[] body) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private Task<ClusterMember> ChangeAsync(string route, string address, CancellationToken cancellationToken) =>
        _sender.GetJsonAsync(
            new ApiRequest(HttpMethod.Post, ApiRequest.Fill(route, ("address", address))),
            ApiJsonContext.Default.ClusterMember,
            cancellationToken);

    private static async Task<ServerSentEvent?> NextAsync(
        ServerSentEventReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (RetryPolicy.IsConnectionFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
