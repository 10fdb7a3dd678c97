using GpuActors.Actors.Remoting;
using GpuActors.Shared.Security;
using GpuActors.Worker.Actors;

namespace GpuActors.Worker;

/// <summary>Everything that a worker is started with; <see cref="WorkerConfiguration"/> reads it from HOCON.</summary>
public sealed record WorkerNodeSettings
{
    /// <summary>The host's name, unique in the cluster.</summary>
    public required string Host { get; init; }

    /// <summary>The worker's version.</summary>
    public required string Version { get; init; }

    /// <summary>Where the host's id, sockets and caches are; one process at a time holds it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What proves that the worker belongs to the cluster.</summary>
    public required ClusterSecret Secret { get; init; }

    /// <summary>The worker's own address.</summary>
    public required RemoteSettings Remoting { get; init; }

    /// <summary>Scheduler nodes, heartbeats and resends.</summary>
    public required WorkerActorSettings Actors { get; init; }

    /// <summary>Patterns of device names to use; <c>*</c> stands for any characters.</summary>
    public required IReadOnlyList<string> IncludeDevices { get; init; }

    /// <summary>Patterns of device names to leave alone.</summary>
    public required IReadOnlyList<string> ExcludeDevices { get; init; }

    /// <summary>The most that the cached input blobs may take on disk.</summary>
    public required long BlobCacheBytes { get; init; }
}
