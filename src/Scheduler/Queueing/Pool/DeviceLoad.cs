using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>A device and the sessions that hold slices of it.</summary>
public sealed class DeviceLoad(string host, GpuInventory gpu)
{
    private readonly List<(SliceGrant Slice, RunningSession Session)> _slices = [];
    private long _memoryUsed;
    private int _computeUsed;

    /// <summary><c>HOST/INDEX</c>.</summary>
    public string Name { get; } = $"{host}/{gpu.Index}";

    /// <summary>The host's name.</summary>
    public string Host => host;

    /// <summary>The device as its worker found it.</summary>
    public GpuInventory Gpu => gpu;

    /// <summary>Who holds what of it.</summary>
    public IReadOnlyList<(SliceGrant Slice, RunningSession Session)> Slices => _slices;

    /// <summary>What is free of it now.</summary>
    public FreedGpu Free => new(
        host, gpu, Math.Max(0, gpu.MemoryBytes - _memoryUsed), Math.Max(0, 100 - _computeUsed), _slices.Count == 0);

    /// <summary>What would be free of it without some of the sessions.</summary>
    public FreedGpu FreeWithout(Func<RunningSession, bool> gone)
    {
        var (memory, compute, isEmpty) = (gpu.MemoryBytes, 100, true);
        foreach (var (slice, session) in _slices)
        {
            if (!gone(session))
            {
                memory -= slice.Whole ? gpu.MemoryBytes : slice.MemoryBytes;
                compute -= slice.Whole ? 100 : slice.ComputePercent;
                isEmpty = false;
            }
        }

        return new FreedGpu(host, gpu, Math.Max(0, memory), Math.Max(0, compute), isEmpty);
    }

    internal void Add(SliceGrant slice, RunningSession session)
    {
        _slices.Add((slice, session));
        Count(slice, 1);
    }

    internal void Remove(string session)
    {
        for (var i = _slices.Count - 1; i >= 0; i--)
        {
            if (_slices[i].Session.Session == session)
            {
                Count(_slices[i].Slice, -1);
                _slices.RemoveAt(i);
            }
        }
    }

    private void Count(SliceGrant slice, int sign)
    {
        _memoryUsed += sign * (slice.Whole ? gpu.MemoryBytes : slice.MemoryBytes);
        _computeUsed += sign * (slice.Whole ? 100 : slice.ComputePercent);
    }
}
