using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>Whether a host can take a request, host memory apart: that is looked at when a host is chosen.</summary>
internal static class Feasibility
{
    /// <summary>More than any two scores can differ by.</summary>
    private const int ShouldStep = (2 * PolicyScore.Limit) + 1;

    /// <summary>
    /// The host as the class may see it, if it can take it: where <see cref="IDeviceRules"/> decide, GPUs that fit have
    /// at least as much free as the class is said to need, and others less, so that policies need not know of more.
    /// </summary>
    /// <param name="state">The cluster.</param>
    /// <param name="rules">Where the class has a <see cref="PlacementRequest.Device"/>.</param>
    /// <param name="host">The host.</param>
    /// <param name="request">The class.</param>
    /// <param name="scratch">Room for as many GPUs as a host may have.</param>
    /// <param name="view">The host.</param>
    public static bool See(
        ClusterState state, IDeviceRules? rules, int host, RequestClass request, Span<short> scratch, out HostView view)
    {
        ref readonly var record = ref state.Record(host);
        view = new HostView(in record, state.GpusOf(in record));
        if (request.Request.Device is null || rules is null)
        {
            return Of(state, host, in record, request);
        }

        if (!record.IsOpen || record.CpuFreeMilli < request.CpuMilli || !request.Allows(record.Model)
            || !HasMusts(state, host, request))
        {
            return false;
        }

        var seen = scratch[..record.GpuCount];
        view.GpuFreeMilli.CopyTo(seen);
        rules.Adjust(host, request, seen);
        view = new HostView(view, seen);
        return DeviceRules.CountFitting(seen, request.GpuMilli) >= request.GpuCount
            && (request.GpuCount < 2 || DevicesOf(state, host, request, seen) != 0);
    }

    /// <summary>The host can take the class.</summary>
    public static bool Of(ClusterState state, int host, ref readonly HostRecord record, RequestClass request) =>
        record.IsOpen && record.CpuFreeMilli >= request.CpuMilli && request.Allows(record.Model)
        && HasDevices(state, in record, request)
        && (request.IsPlain || (HasMusts(state, host, request) && HasTopology(state, host, request)));

    /// <summary>The GPUs for a request that has no choice: the lowest that fit and belong together; 0 if there are none.</summary>
    public static ulong DevicesOf(ClusterState state, int host, RequestClass request, ReadOnlySpan<short> freeMilli) =>
        request.IsPlain
            ? DeviceRules.Lowest(freeMilli, request)
            : state.SpecOf(host).Links.Choose(
                request.Request.Topology, DeviceRules.Fitting(freeMilli, request), request.GpuCount);

    /// <summary>What a host's score loses by the wishes that are not met there.</summary>
    public static int Penalty(ClusterState state, int host, RequestClass request)
    {
        var unmet = 0;
        foreach (var term in request.Request.Terms.All)
        {
            unmet += !term.IsMust && !IsMet(state, host, term) ? 1 : 0;
        }

        return unmet * ShouldStep;
    }

    /// <summary>A term holds on a host.</summary>
    public static bool IsMet(ClusterState state, int host, PlacementTerm term) => term.IsNear == (term.Subject switch
    {
        TermSubject.Host => state.Labels.HostHas(host, term.Label),
        _ => state.Labels.TaskHas(host, term.Label),
    });

    /// <summary>Enough of the host's GPUs have enough free.</summary>
    public static bool HasDevices(ClusterState state, ref readonly HostRecord record, RequestClass request) =>
        request.GpuCount switch
        {
            0 => true,
            1 => record.LargestFreeMilli >= request.GpuMilli,
            var count when request.GpuMilli == ClusterState.WholeMilli => record.IdleGpus >= count,
            var count => DeviceRules.CountFitting(state.GpusOf(in record), request.GpuMilli) >= count,
        };

    /// <summary>Enough GPUs that fit belong together.</summary>
    public static bool HasTopology(ClusterState state, int host, RequestClass request) =>
        request.Request.Topology == Topology.Host || request.GpuCount < 2 || DevicesOf(state, host, request, state.View(host).GpuFreeMilli) != 0;

    private static bool HasMusts(ClusterState state, int host, RequestClass request)
    {
        foreach (var term in request.Request.Terms.All)
        {
            if (term.IsMust && !IsMet(state, host, term))
            {
                return false;
            }
        }

        return true;
    }
}
