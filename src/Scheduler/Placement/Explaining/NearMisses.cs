using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Explaining;

/// <summary>Of hosts that one thing alone keeps a request off: by how little they miss, and what would help.</summary>
internal sealed class NearMisses
{
    private readonly SortedSet<string> _models = new(StringComparer.Ordinal);
    private int _mostCpuMilli;
    private int _mostMemoryMib;
    private int _mostGpuMilli;
    private int _mostGpus;

    public void Add(BarrierKind kind, ClusterState state, int host, RequestClass request)
    {
        ref readonly var record = ref state.Record(host);
        switch (kind)
        {
            case BarrierKind.Model:
                _models.Add(state.Models.NameOf(record.Model));
                break;
            case BarrierKind.Cpu or BarrierKind.CpuInAll:
                _mostCpuMilli = Math.Max(_mostCpuMilli, record.CpuFreeMilli);
                break;
            case BarrierKind.Memory or BarrierKind.MemoryInAll:
                _mostMemoryMib = Math.Max(_mostMemoryMib, record.MemoryFreeMib);
                break;
            case BarrierKind.Gpu:
                var free = state.GpusOf(in record).ToArray();
                Array.Sort(free, (a, b) => b.CompareTo(a));
                _mostGpuMilli = Math.Max(_mostGpuMilli, free[request.GpuCount - 1]);
                _mostGpus = Math.Max(_mostGpus, DeviceRules.CountFitting(free, request.GpuMilli));
                break;
        }
    }

    public void AddSentence(List<string> help, Barrier barrier, RequestClass request, int hostMemoryMib)
    {
        var would = $"{Explanation.Hosts(barrier.AloneHosts)} would take it";
        switch (barrier.Kind)
        {
            case BarrierKind.Closed:
                help.Add($"{would} if available.");
                break;
            case BarrierKind.Model:
                help.Add($"{would} if {string.Join(" or ", _models)} were allowed, too.");
                break;
            case BarrierKind.Term:
                help.Add($"{would} without {barrier.Term}.");
                break;
            case BarrierKind.Cpu or BarrierKind.CpuInAll:
                AddLess(help, "CPU", _mostCpuMilli, request.CpuMilli, Amount.Cpu);
                break;
            case BarrierKind.Memory or BarrierKind.MemoryInAll:
                AddLess(help, "host memory", _mostMemoryMib, hostMemoryMib, Amount.Memory);
                break;
            case BarrierKind.Gpu:
                AddGpu(help, request);
                break;
            case BarrierKind.Topology:
                help.Add($"{would} without topology {request.Request.Topology}.");
                break;
        }
    }

    private void AddGpu(List<string> help, RequestClass request)
    {
        if (request.GpuMilli < ClusterState.WholeMilli || request.GpuCount == 1)
        {
            AddLess(help, "GPU", _mostGpuMilli, request.GpuMilli, Amount.Gpu);
        }

        if (_mostGpus > 0)
        {
            help.Add($"It would fit with {_mostGpus} GPU(s) instead of {request.GpuCount}.");
        }
    }

    private static void AddLess(List<string> help, string what, int most, int asked, Func<int, string> amount)
    {
        if (most > 0)
        {
            help.Add($"It would fit with {amount(most)} instead of {amount(asked)} ({amount(asked - most)} less {what}).");
        }
    }
}
