using GpuActors.Scheduler.Placement.Capacity;

namespace GpuActors.Scheduler.Placement.Requests;

/// <summary>
/// The classes of requests that were seen lately. Bounded: when there are too many, the quarter that was not asked for
/// longest is forgotten; a forgotten class that comes back is a new one.
/// </summary>
/// <param name="models">The cluster's models.</param>
/// <param name="limit">How many classes are kept.</param>
public sealed class RequestClasses(ModelTable models, int limit = RequestClasses.DefaultLimit)
{
    /// <summary>How many classes are kept unless said otherwise.</summary>
    public const int DefaultLimit = 16_384;

    private readonly Dictionary<PlacementRequest, RequestClass> _classes = [];
    private long _uses;
    private long _lastId;

    /// <summary>How many classes are known.</summary>
    public int Count => _classes.Count;

    /// <summary>The class of a request.</summary>
    /// <exception cref="ArgumentException">The request asks for what can't be.</exception>
    public RequestClass Intern(PlacementRequest request)
    {
        var key = request.HostMemoryMib == 0 && request.Labels.All.Count == 0
            ? request : request with { HostMemoryMib = 0, Labels = TaskLabels.None };
        if (!_classes.TryGetValue(key, out var found))
        {
            Check(request);
            ForgetIfFull();
            _classes[key] = found = new RequestClass(++_lastId, key, models);
        }

        found.LastUse = ++_uses;
        return found;
    }

    private static void Check(PlacementRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.CpuMilli);
        ArgumentOutOfRangeException.ThrowIfNegative(request.HostMemoryMib);
        ArgumentOutOfRangeException.ThrowIfNegative(request.GpuCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.GpuCount, HostSpec.GpuLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.GpuMilli, ClusterState.WholeMilli);
        if (request.GpuCount > 0 != request.GpuMilli > 0)
        {
            throw new ArgumentException(
                $"A request for {request.GpuCount} GPUs can't be for {request.GpuMilli} thousandths of each.");
        }
    }

    private void ForgetIfFull()
    {
        if (_classes.Count < limit)
        {
            return;
        }

        var oldest = _classes.OrderBy(entry => entry.Value.LastUse).Take(Math.Max(1, limit / 4)).ToArray();
        foreach (var (key, forgotten) in oldest)
        {
            _classes.Remove(key);
            forgotten.Row?.Abandon();
        }
    }
}
