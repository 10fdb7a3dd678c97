using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>The tables of <see cref="Fragmentation"/> for the hosts of one GPU model.</summary>
internal sealed class ModelFragmentation
{
    private const int CellLimit = 1024;

    private readonly int[] _cpu;
    private readonly ushort[] _firstStep;
    private readonly int _shift;
    private readonly ushort[] _milliStep = new ushort[ClusterState.WholeMilli + 1];
    private readonly int _milliSteps;
    private readonly double[] _single;
    private readonly int _groups;
    private readonly double[] _several;
    private readonly (PlacementRequest Class, double Popularity)[] _partsOfSeveral;

    public ModelFragmentation(TargetWorkload target, string model)
    {
        var classes = target.Classes.Where(c => c.Class.GpuCount > 0 && c.Class.Models.Contains(model)).ToArray();
        _cpu = [.. classes.Select(c => c.Class.CpuMilli).Distinct().Order()];
        (_shift, _firstStep) = StepsOf(_cpu);
        var millis = classes.Where(c => c.Class.GpuCount == 1).Select(c => c.Class.GpuMilli).Distinct().Order().ToArray();
        _milliSteps = millis.Length + 1;
        for (var free = 0; free <= ClusterState.WholeMilli; free++)
        {
            _milliStep[free] = (ushort)millis.Count(milli => milli <= free);
        }

        _single = new double[(_cpu.Length + 1) * _milliSteps];
        _groups = classes.Select(c => c.Class.GpuCount).DefaultIfEmpty().Max() + 1;
        _several = new double[(_cpu.Length + 1) * _groups];
        _partsOfSeveral = [.. classes.Where(c => c.Class.GpuCount > 1 && c.Class.GpuMilli < ClusterState.WholeMilli)];
        foreach (var (request, popularity) in classes)
        {
            Add(request, popularity);
        }
    }

    /// <summary>How many of the classes' different CPU needs are met.</summary>
    public int CpuStep(int cpuFreeMilli)
    {
        int step = _firstStep[Math.Min(cpuFreeMilli >> _shift, _firstStep.Length - 1)];
        while (step < _cpu.Length && _cpu[step] <= cpuFreeMilli)
        {
            step++;
        }

        return step;
    }

    /// <summary>What the one-GPU classes can use of a GPU on average, in thousandths.</summary>
    public double Single(int cpuStep, int freeMilli) =>
        freeMilli * _single[(cpuStep * _milliSteps) + _milliStep[freeMilli]];

    /// <summary>What classes of several whole GPUs can use on average, in thousandths.</summary>
    public double Several(int cpuStep, int idleGpus) =>
        ClusterState.WholeMilli * idleGpus * _several[(cpuStep * _groups) + Math.Min(idleGpus, _groups - 1)];

    /// <summary>There are classes of parts of several GPUs, which no table covers.</summary>
    public bool HasPartsOfSeveral => _partsOfSeveral.Length > 0;

    /// <summary>What the one-GPU classes can use of all GPUs on average, in thousandths.</summary>
    public double Singles(int cpuStep, ReadOnlySpan<short> freeMilli)
    {
        var row = _single.AsSpan(cpuStep * _milliSteps, _milliSteps);
        var sum = 0.0;
        foreach (var free in freeMilli)
        {
            sum += free * row[_milliStep[free]];
        }

        return sum;
    }

    /// <summary>What classes of parts of several GPUs can use on average, in thousandths.</summary>
    public double PartsOfSeveral(int cpuStep, ReadOnlySpan<short> freeMilli)
    {
        var sum = 0.0;
        foreach (var (request, popularity) in _partsOfSeveral)
        {
            if (cpuStep == 0 || _cpu[cpuStep - 1] < request.CpuMilli)
            {
                continue;
            }

            var (usable, count) = (0, 0);
            foreach (var free in freeMilli)
            {
                usable += free >= request.GpuMilli ? free : 0;
                count += free >= request.GpuMilli ? 1 : 0;
            }

            sum += count >= request.GpuCount ? popularity * usable : 0;
        }

        return sum;
    }

    /// <summary>What the expected tasks can use on average, in thousandths.</summary>
    public double Usable(int cpuStep, ReadOnlySpan<short> freeMilli, int idleGpus) =>
        Singles(cpuStep, freeMilli) + Several(cpuStep, idleGpus)
        + (HasPartsOfSeveral ? PartsOfSeveral(cpuStep, freeMilli) : 0);

    private void Add(PlacementRequest request, double popularity)
    {
        for (var step = Array.BinarySearch(_cpu, request.CpuMilli) + 1; step <= _cpu.Length; step++)
        {
            if (request.GpuCount == 1)
            {
                for (int milli = _milliStep[request.GpuMilli]; milli < _milliSteps; milli++)
                {
                    _single[(step * _milliSteps) + milli] += popularity;
                }
            }
            else if (request.GpuMilli == ClusterState.WholeMilli)
            {
                for (var idle = request.GpuCount; idle < _groups; idle++)
                {
                    _several[(step * _groups) + idle] += popularity;
                }
            }
        }
    }

    /// <summary>For CPU in coarse cells: the first step that may not be met there.</summary>
    private static (int Shift, ushort[] FirstStep) StepsOf(int[] cpu)
    {
        var largest = cpu.Length > 0 ? cpu[^1] : 0;
        var shift = 0;
        while (largest >> shift >= CellLimit)
        {
            shift++;
        }

        var cells = new ushort[(largest >> shift) + 1];
        for (var cell = 0; cell < cells.Length; cell++)
        {
            cells[cell] = (ushort)cpu.Count(milli => milli <= cell << shift);
        }

        return (shift, cells);
    }
}
