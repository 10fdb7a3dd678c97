using GpuActors.Scheduler.Placement.Capacity;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// How much of a host's free GPU the expected tasks can't use: F_n(M) of Weng et al., "Beware of Fragmentation",
/// USENIX ATC 2023, in thousandths of a GPU. For each class m of popularity p_m, what is free counts as lost where m
/// can't run on the host at all, or m has no GPU; otherwise that on GPUs with less free than m needs.
/// </summary>
/// <remarks>
/// It is what is free less what can be used, and that splits up by GPU: one GPU with f free is usable for the one-GPU
/// classes that need at most f of it and at most the host's free CPU c. So a table with the sum of their popularities
/// by c and f, for each model, gives F with one look-up for each GPU instead of a loop over all classes.
/// </remarks>
public sealed class Fragmentation(TargetWorkload target, ModelTable models)
{
    private ModelFragmentation?[] _models = [];

    /// <summary>What F stands on.</summary>
    public TargetWorkload Target => target;

    /// <summary>F of a host as it is.</summary>
    public double Of(in HostView host)
    {
        var tables = TablesOf(host.Model);
        var step = tables.CpuStep(host.CpuFreeMilli);
        return host.GpuFreeTotalMilli - tables.Usable(step, host.GpuFreeMilli, host.IdleGpus);
    }

    /// <summary>The tables of a model.</summary>
    internal ModelFragmentation TablesOf(int model) =>
        model < _models.Length && _models[model] is { } known ? known : Learn(model);

    private ModelFragmentation Learn(int model)
    {
        if (model >= _models.Length)
        {
            Array.Resize(ref _models, models.Count);
        }

        return _models[model] = new ModelFragmentation(target, models.NameOf(model));
    }
}
