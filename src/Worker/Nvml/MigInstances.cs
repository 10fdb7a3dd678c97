using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Nvml;

/// <summary>
/// The MIG slices that attempts have at present, on the GPUs of one worker. Each change applies the layout that is
/// wanted then and records it, so that it comes back after a reboot. A GPU becomes the worker's to cut with its first
/// slice, or because a record of it is there, and ceases to be with <see cref="Uncut"/>. One change at a time.
/// </summary>
public sealed class MigInstances : IDisposable
{
    private readonly Lock _lock = new();
    private readonly NvmlLibrary _nvml;
    private readonly MigLayoutFile _file;
    private readonly MigLayout _layout;
    private readonly ILogger _log;
    private readonly Dictionary<string, MigGpuSlices> _gpus = [];
    private bool _disposed;

    private MigInstances(NvmlLibrary nvml, MigLayoutFile file, ILogger log)
    {
        _nvml = nvml;
        _file = file;
        _layout = new MigLayout(nvml);
        _log = log;
    }

    /// <summary>
    /// Restores what is recorded. Must run before the process first asks OpenCL for devices, which looks once. Null
    /// where there is no NVML.
    /// </summary>
    /// <param name="folder">The worker's data folder.</param>
    /// <param name="log">Hears what became of each record.</param>
    /// <param name="library">NVML's path; null: <see cref="NvmlLibrary.PathVariable"/>, or else the system's.</param>
    /// <exception cref="NvmlUnavailableException">A path was given and that library can't be used.</exception>
    /// <exception cref="MigLayoutFileException">The record is wrong; nothing has been changed.</exception>
    public static MigInstances? Restore(string folder, ILogger log, string? library = null)
    {
        if (NvmlLibrary.TryOpen(library, out _) is not { } nvml)
        {
            return null;
        }

        var instances = new MigInstances(nvml, new MigLayoutFile(folder), log);
        try
        {
            instances.Restore();
            instances.ShowUncut();
            return instances;
        }
        catch
        {
            instances.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a slice on a GPU, beside those that attempts have there; switches MIG mode on first where it is off.
    /// </summary>
    /// <exception cref="MigLayoutException">The GPU can't have it now, with the driver's reason.</exception>
    /// <exception cref="NvmlException">The GPU is not there, or the process may not change it.</exception>
    public MigInstance Acquire(string uuid, MigSlice slice)
    {
        lock (_lock)
        {
            CheckOpen();
            new MigMode(_nvml).SetNow(uuid, enabled: true);
            var gpu = SlicesOf(uuid);
            if (TakeAwayStuck(gpu) is { } inUse && gpu.Stuck.Exists(stuck => stuck.Place.Overlaps(slice.Place)))
            {
                throw inUse;
            }

            var made = MakeOrTakeBack(gpu, slice);
            gpu.Held.Add(slice);
            var instance = new MigInstance(this, uuid, made);
            if (TryRecord() is { } failure)
            {
                instance.Dispose();
                throw new MigLayoutException($"{slice} of GPU {uuid} can't be recorded: {failure.Message}", failure);
            }

            return instance;
        }
    }

    /// <summary>Whether a GPU is this worker's to cut.</summary>
    public bool IsCut(string uuid)
    {
        lock (_lock)
        {
            return _gpus.ContainsKey(uuid);
        }
    }

    /// <summary>
    /// Gives a GPU back whole: instances, MIG mode and record go. A GPU that is not the worker's to cut stays as it is.
    /// </summary>
    /// <exception cref="MigLayoutException">An attempt has a slice there, or the driver refuses.</exception>
    /// <exception cref="NvmlException">The GPU is not there, or the process may not change it.</exception>
    public void Uncut(string uuid)
    {
        lock (_lock)
        {
            CheckOpen();
            if (!_gpus.TryGetValue(uuid, out var gpu))
            {
                return;
            }

            if (gpu.Held is [var held, ..])
            {
                throw new MigLayoutException($"GPU {uuid} can't be whole: an attempt has {held}.");
            }

            if (_nvml.MigModeOf(_nvml.DeviceOf(uuid)) is (Current: true, _))
            {
                _layout.Apply(uuid, []);
            }

            new MigMode(_nvml).SetNow(uuid, enabled: false);
            _gpus.Remove(uuid);
            WarnOf(TryRecord());
        }
    }

    /// <summary>Lets go of NVML; instances stay as they are.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _nvml.Dispose();
        }
    }

    internal void Release(MigInstance instance)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return; // the record has it: it is there for the next worker, or goes then
            }

            var gpu = _gpus[instance.Gpu];
            gpu.Held.Remove(instance.Slice);
            gpu.Stuck.Add(instance.Slice);
            if (TakeAwayStuck(gpu) is { } reason)
            {
                _log.LogWarning(
                    "{Slice} stays on GPU {Gpu} for now: {Reason}", instance.Slice, gpu.Uuid, reason.Message);
            }

            WarnOf(TryRecord());
        }
    }

    private void Restore()
    {
        foreach (var restored in MigRestore.Run(_nvml, _file.Read()))
        {
            var record = restored.Record;
            _gpus.Add(record.Uuid, new MigGpuSlices(record.Uuid, record.Gpu)
            {
                Spare = restored.Applied is null ? [] : [.. record.Slices],
                Lost = restored.Applied is null ? record : null,
            });
            if (restored.Applied is { } applied)
            {
                _log.LogInformation(
                    "GPU {Gpu} ({Name}) has its {Count} recorded MIG slices: {Created} made, {Destroyed} taken away.",
                    record.Uuid, record.Gpu, record.Slices.Count, applied.Created, applied.Destroyed);
            }
            else
            {
                _log.LogWarning(
                    "GPU {Gpu} ({Name}) does not have its {Count} recorded MIG slices: {Reason}",
                    record.Uuid, record.Gpu, record.Slices.Count, restored.Reason);
            }
        }
    }

    /// <summary>
    /// A GPU in MIG mode without instances has no OpenCL device, so it could not be offered: it gets its largest one,
    /// which is nobody's and goes with the first slice.
    /// </summary>
    private void ShowUncut()
    {
        try
        {
            foreach (var gpu in NvidiaDiscovery.Discover(_nvml).Where(
                gpu => gpu.Mig is { Enabled: true, Pending: true, Instances: [] }))
            {
                var whole = LargestOf(MigCard.Read(_nvml, _nvml.DeviceOf(gpu.Uuid)));
                _layout.Apply(gpu.Uuid, [whole]);
                _log.LogInformation("GPU {Gpu} ({Name}) is in MIG mode and gets {Slice}.", gpu.Uuid, gpu.Name, whole);
            }
        }
        catch (Exception e) when (e is MigLayoutException or NvmlException)
        {
            _log.LogWarning("A GPU in MIG mode without instances may not be found by OpenCL: {Reason}", e.Message);
        }
    }

    private static MigSlice LargestOf(MigCard card)
    {
        var largest = card.Profiles.Where(profile => profile.Places.Count > 0)
            .MaxBy(profile => (profile.Places[0].Size, profile.Slices))
            ?? throw new MigLayoutException("The card has no MIG profile.");
        var place = largest.Places[0];
        return new MigSlice(largest.Name ?? $"profile {largest.Id}", largest.Id, place.Start, place.Size);
    }

    /// <summary>Null if they are gone; otherwise why they are not.</summary>
    private Exception? TakeAwayStuck(MigGpuSlices gpu)
    {
        try
        {
            if (gpu.Stuck.Count > 0)
            {
                _layout.Apply(gpu.Uuid, [.. gpu.Held, .. gpu.Spare]);
                gpu.Stuck.Clear();
            }

            return null;
        }
        catch (Exception e) when (e is MigLayoutException or NvmlException)
        {
            return e;
        }
    }

    private MigSliceDevice MakeOrTakeBack(MigGpuSlices gpu, MigSlice slice)
    {
        try
        {
            return Make(gpu, slice);
        }
        catch (Exception e) when (e is MigLayoutException or NvmlException)
        {
            TakeBack(gpu);
            WarnOf(TryRecord());
            throw;
        }
    }

    /// <summary>What a step has made before another failed; the GPU's next change does it if that fails too.</summary>
    private void TakeBack(MigGpuSlices gpu)
    {
        try
        {
            _layout.Apply(gpu.Uuid, [.. gpu.Held, .. gpu.Spare, .. gpu.Stuck]);
        }
        catch (Exception e) when (e is MigLayoutException or NvmlException)
        {
            _log.LogWarning("GPU {Gpu} has more MIG instances than it should: {Reason}", gpu.Uuid, e.Message);
        }
    }

    /// <summary>From now on the GPU is the worker's to cut.</summary>
    private MigGpuSlices SlicesOf(string uuid)
    {
        if (!_gpus.TryGetValue(uuid, out var gpu))
        {
            gpu = new MigGpuSlices(uuid, _nvml.NameOf(_nvml.DeviceOf(uuid)));
            _gpus.Add(uuid, gpu);
        }

        gpu.Lost = null;
        return gpu;
    }

    /// <summary>Beside what is there; what nobody has goes if it is in the way.</summary>
    private MigSliceDevice Make(MigGpuSlices gpu, MigSlice slice)
    {
        gpu.Spare.RemoveAll(spare => spare.Place.Overlaps(slice.Place));
        MigSlice[] wanted = [slice, .. gpu.Held, .. gpu.Stuck];
        try
        {
            return _layout.Apply(gpu.Uuid, [.. wanted, .. gpu.Spare]).Devices[0];
        }
        catch (MigLayoutException) when (gpu.Spare.Count > 0)
        {
            gpu.Spare.Clear(); // it takes engines, or one of as many as there may be of a profile
            return _layout.Apply(gpu.Uuid, wanted).Devices[0];
        }
    }

    private Exception? TryRecord()
    {
        try
        {
            _file.Write([.. _gpus.Values.Select(gpu => gpu.Record)]);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    private void WarnOf(Exception? failure)
    {
        if (failure is not null)
        {
            _log.LogWarning("The MIG layout in {File} is not up to date: {Reason}", _file.Path, failure.Message);
        }
    }

    private void CheckOpen()
    {
        if (_disposed)
        {
            throw new MigLayoutException("The worker is stopping and cuts no GPU any more.");
        }
    }
}
