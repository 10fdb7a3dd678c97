using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Remoting;
using GpuActors.Scheduler.Api;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler;

/// <summary>Everything that a scheduler node is started with; <see cref="SchedulerConfiguration"/> reads it from HOCON.</summary>
public sealed record SchedulerNodeSettings
{
    /// <summary>The node's name, noted with what it owns.</summary>
    public required string Name { get; init; }

    /// <summary>The version that the API reports.</summary>
    public required string Version { get; init; }

    /// <summary>Where journal and blobs are.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What proves that a node or a ticket belongs to the cluster.</summary>
    public required ClusterSecret Secret { get; init; }

    /// <summary>The event store.</summary>
    public required SqliteEventStoreSettings Store { get; init; }

    /// <summary>Where workers connect.</summary>
    public required RemoteSettings Remoting { get; init; }

    /// <summary>Where clients connect: the address to listen on.</summary>
    public required string HttpHost { get; init; }

    /// <summary>The port to listen on; 0 picks a free one.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Where workers reach the HTTP API; null takes the address that it listens on.</summary>
    public string? PublicHttpAddress { get; init; }

    /// <summary>Bounds of the HTTP API.</summary>
    public ApiSettings Api { get; init; } = new();

    /// <summary>Times and bounds of sessions.</summary>
    public SessionSettings Sessions { get; init; } = new();

    /// <summary>How long hosts may be silent.</summary>
    public HostSettings Hosts { get; init; } = new();

    /// <summary>How cells place; a name that <see cref="Placement.PlacementPolicies"/> knows.</summary>
    public string PlacementPolicy { get; init; } = "best-fit";

    /// <summary>How often the first of a queue that finds no room may be passed by others.</summary>
    public int QueuePassLimit { get; init; } = 100;
}
