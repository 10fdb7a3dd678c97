using System.Collections.Concurrent;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Hosts;

/// <summary>
/// What the twins that live on this node know of their hosts, for metrics. Each twin keeps its own part right. Safe to
/// use from any thread.
/// </summary>
public sealed class HostBoard
{
    private readonly ConcurrentDictionary<string, Entry> _hosts = new(StringComparer.Ordinal);

    /// <summary>Notes how a host is and what its slices use.</summary>
    public void Show(string host, HostState state, HostUsage? usage) => _hosts[host] = new Entry(state, usage);

    /// <summary>The host's twin is not on this node any more.</summary>
    public void Remove(string host) => _hosts.TryRemove(host, out _);

    /// <summary>Number of hosts in each state; a state without hosts is missing.</summary>
    public IReadOnlyDictionary<HostState, int> CountStates() =>
        _hosts.Values.CountBy(host => host.State).ToDictionary();

    /// <summary>What slices use, from reports that are not old at <paramref name="now"/>.</summary>
    public IReadOnlyList<SliceUsage> ReadUsage(DateTimeOffset now) =>
        [.. _hosts.Values.Where(host => host.Usage is { } usage && now - usage.ReportedAt < HostActor.KeepUsage)
            .SelectMany(host => host.Usage!.Slices)];

    private sealed record Entry(HostState State, HostUsage? Usage);
}
