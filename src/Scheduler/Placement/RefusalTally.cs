using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>Checks devices against a request and counts why they were refused, so that a waiting session can say why.</summary>
internal sealed class RefusalTally(GpuRequest request)
{
    private int _hostsUnavailable;
    private int _noSlot;
    private int _model;
    private int _memoryEver;
    private int _memoryNow;
    private int _computeNow;
    private int _notEmpty;
    private int _tooFew;
    private int _fitting;
    private long _largestMemory;

    /// <summary>Some host would have room if it were empty.</summary>
    public bool CouldFit { get; private set; }

    /// <summary>A host that may not be given anything now.</summary>
    public void HostUnavailable() => _hostsUnavailable++;

    /// <summary>A host that runs as many sessions as it may.</summary>
    public void NoSlot(GpuState[] gpus)
    {
        CouldFit |= gpus.Count(CouldAdmit) >= request.Count;
        _noSlot++;
    }

    /// <summary>A host on which some devices fit, but not as many as asked for.</summary>
    public void TooFewOnHost(int fitting, IEnumerable<GpuState> gpus)
    {
        CouldFit |= gpus.Count(CouldAdmit) >= request.Count;
        _tooFew += fitting > 0 ? 1 : 0;
        _fitting = Math.Max(_fitting, fitting);
    }

    private bool CouldAdmit(GpuState gpu) =>
        request.MatchesModel(gpu.Inventory.Model)
        && request.ShareOf(gpu.Inventory.MemoryBytes).MemoryBytes <= gpu.Inventory.MemoryBytes;

    /// <summary>The device has room for the request now; otherwise the first reason that it has not is counted.</summary>
    public bool Admits(GpuState gpu)
    {
        var total = gpu.Inventory.MemoryBytes;
        var share = request.ShareOf(total);
        if (!request.MatchesModel(gpu.Inventory.Model))
        {
            _model++;
        }
        else if (share.MemoryBytes > total)
        {
            _memoryEver++;
            _largestMemory = Math.Max(_largestMemory, total);
        }
        else if (request.Whole && gpu.SliceCount > 0)
        {
            _notEmpty++;
        }
        else if (share.MemoryBytes > gpu.MemoryFree)
        {
            _memoryNow++;
        }
        else if (share.ComputePercent > gpu.ComputeFree)
        {
            _computeNow++;
        }
        else
        {
            return true;
        }

        return false;
    }

    /// <summary>All reasons with their counts, in one sentence.</summary>
    public string Sentence()
    {
        var parts = new List<string>();
        Add(parts, _hostsUnavailable, "host(s) not available");
        Add(parts, _noSlot, "host(s) with as many sessions as they run at once (worker.slots)");
        Add(parts, _model, $"GPU(s) of another model than '{request.Model}'");
        Add(parts, _memoryEver, $"GPU(s) with less memory than asked for (the largest has {_largestMemory} bytes)");
        Add(parts, _memoryNow, "GPU(s) with too little free memory now");
        Add(parts, _computeNow, "GPU(s) with too little free compute now");
        Add(parts, _notEmpty, "GPU(s) in use, and a whole one is asked for");
        Add(parts, _tooFew, $"host(s) with at most {_fitting} of the {request.Count} GPUs asked for");
        return parts.Count == 0
            ? $"No host with a GPU has joined pool '{request.Pool}' yet."
            : $"No room: {string.Join("; ", parts)}.";
    }

    private static void Add(List<string> parts, int count, string what)
    {
        if (count > 0)
        {
            parts.Add($"{count} {what}");
        }
    }
}
