namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>What is free on one host, as a policy sees it. Valid until the cluster changes.</summary>
public readonly ref struct HostView
{
    /// <summary>A host that need not be in a cluster.</summary>
    /// <param name="cpuFreeMilli">Free CPU in thousandths of a core.</param>
    /// <param name="model">The model's number in a <see cref="ModelTable"/>.</param>
    /// <param name="gpuFreeMilli">Free thousandths of each GPU, 0 to 1000.</param>
    /// <param name="kinds">Kinds of tasks that run there.</param>
    /// <param name="hostShape">Its kind's number in a <see cref="HostShapes"/>.</param>
    public HostView(
        int cpuFreeMilli, int model, ReadOnlySpan<short> gpuFreeMilli, TaskKinds kinds = TaskKinds.None, int hostShape = 0)
    {
        CpuFreeMilli = cpuFreeMilli;
        Model = model;
        GpuFreeMilli = gpuFreeMilli;
        Kinds = kinds;
        HostShape = hostShape;
        foreach (var free in gpuFreeMilli)
        {
            GpuFreeTotalMilli += free;
            IdleGpus += free == ClusterState.WholeMilli ? 1 : 0;
        }
    }

    /// <summary>The same host with other GPUs.</summary>
    internal HostView(HostView host, ReadOnlySpan<short> gpuFreeMilli)
    {
        this = host;
        GpuFreeMilli = gpuFreeMilli;
        (GpuFreeTotalMilli, IdleGpus) = (0, 0);
        foreach (var free in gpuFreeMilli)
        {
            GpuFreeTotalMilli += free;
            IdleGpus += free == ClusterState.WholeMilli ? 1 : 0;
        }
    }

    internal HostView(ref readonly HostRecord host, ReadOnlySpan<short> gpuFreeMilli)
    {
        CpuFreeMilli = host.CpuFreeMilli;
        Model = host.Model;
        GpuFreeMilli = gpuFreeMilli;
        GpuFreeTotalMilli = host.GpuFreeMilli;
        IdleGpus = host.IdleGpus;
        Kinds = host.Kinds;
        HostShape = host.HostShape;
    }

    /// <summary>Free CPU in thousandths of a core.</summary>
    public int CpuFreeMilli { get; }

    /// <summary>The model's number.</summary>
    public int Model { get; }

    /// <summary>Free thousandths of each GPU, 0 to 1000.</summary>
    public ReadOnlySpan<short> GpuFreeMilli { get; }

    /// <summary>Their sum.</summary>
    public int GpuFreeTotalMilli { get; }

    /// <summary>How many GPUs have 1000 free.</summary>
    public int IdleGpus { get; }

    /// <summary>Kinds of tasks that run there.</summary>
    public TaskKinds Kinds { get; }

    /// <summary>The number of its kind in the cluster's <see cref="HostShapes"/>.</summary>
    public int HostShape { get; }

    /// <summary>
    /// The GPU with least free of those that have <paramref name="milli"/> free, the lowest among equals; -1 if none has.
    /// </summary>
    public int TightestDevice(int milli)
    {
        var (best, bestFree) = (-1, int.MaxValue);
        for (var i = 0; i < GpuFreeMilli.Length; i++)
        {
            if (GpuFreeMilli[i] >= milli && GpuFreeMilli[i] < bestFree)
            {
                (best, bestFree) = (i, GpuFreeMilli[i]);
            }
        }

        return best;
    }
}
