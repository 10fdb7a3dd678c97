using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>Whether a host can take a request, host memory apart: that is looked at when a host is chosen.</summary>
internal static class Feasibility
{
    /// <summary>More than any two scores can differ by.</summary>
    private const int ShouldStep = (2 * PolicyScore.Limit) + 1;

    /// <summary>The host can take the class.</summary>
    public static bool Of(ClusterState state, int host, ref readonly HostRecord record, RequestClass request) =>
        record.IsOpen && record.CpuFreeMilli >= request.CpuMilli && request.Allows(record.Model)
        && HasDevices(state, in record, request)
        && (request.IsPlain || (HasMusts(state, host, request) && HasTopology(state, host, request)));

    /// <summary>The GPUs for a request that has no choice: the lowest that fit and belong together; 0 if there are none.</summary>
    public static ulong DevicesOf(ClusterState state, int host, RequestClass request)
    {
        var view = state.View(host);
        return request.IsPlain
            ? DeviceRules.Lowest(view.GpuFreeMilli, request)
            : state.SpecOf(host).Links.Choose(
                request.Request.Topology, DeviceRules.Fitting(view.GpuFreeMilli, request), request.GpuCount);
    }

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
        request.Request.Topology == Topology.Host || request.GpuCount < 2 || DevicesOf(state, host, request) != 0;

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
