using GpuActors.Actors.Runtime;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Diagnosis;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Diagnosis;

/// <summary>What the machine's drivers offer, and whether an executor can use it.</summary>
internal sealed class DeviceChecks(WorkerSettings settings, IActorRuntime runtime)
{
    private IReadOnlyList<OpenClDevice> _offered = [];

    /// <summary>Drivers, devices, permissions.</summary>
    public IEnumerable<HostCheck> Found() => [Devices(), Nvml(), DeviceFiles.Check()];

    /// <summary>An executor for each device that is offered.</summary>
    public async IAsyncEnumerable<HostCheck> ExecutorsAsync()
    {
        if (_offered.Count == 0)
        {
            yield return HostCheck.Skipped("worker.executor", "There is no device to start one on.");
        }

        foreach (var device in _offered)
        {
            yield return await new ExecutorProbe(settings, runtime).RunAsync(device);
        }
    }

    private HostCheck Devices()
    {
        const string name = "worker.devices";
        try
        {
            var found = OpenClDevices.Discover();
            _offered = [.. found.Where(device => settings.Devices.Offers(device.Name))];
            var list = string.Join("; ", found.Select(Describe));
            return _offered.Count == 0
                ? HostCheck.Failure(
                    name, list, "one is offered", "Widen worker.devices.only, or take it out of worker.devices.except.")
                : _offered.All(device => device.Kind == OpenClDeviceKind.Cpu)
                ? HostCheck.Warning(
                    name, list, "a GPU",
                    "Install the OpenCL driver of the GPU's vendor, unless this host is to lend its processor.")
                : HostCheck.Ok(name, list);
        }
        catch (OpenClUnavailableException e)
        {
            return HostCheck.Failure(name, e.Message, "an OpenCL platform with a device", "Install what is missing; clinfo shows what is there.");
        }
        catch (OpenClException e)
        {
            return HostCheck.Failure(name, $"A driver fails: {e.Message}", "all platforms answer", "See what clinfo says; reinstall that driver.");
        }
    }

    private static string Describe(OpenClDevice device) =>
        $"{device.Name} ({device.Kind.ToString().ToLowerInvariant()}, {device.MemoryBytes >> 20} MiB, {device.PlatformName}, driver {device.DriverVersion})";

    private static HostCheck Nvml()
    {
        const string name = "worker.nvml";
        try
        {
            var nvidia = NvidiaDevices.OfThisHost();
            return nvidia.Gpus.Count > 0
                ? HostCheck.Ok(name, string.Join("; ", nvidia.Gpus.Select(gpu => $"{gpu.Name}, driver {gpu.DriverVersion}")))
                : DeviceFiles.HasNvidia
                ? HostCheck.Warning(
                    name, nvidia.Unavailable, "NVML answers: MIG and health of NVIDIA GPUs come from it",
                    "Install libnvidia-ml.so.1 of the driver's version; in a container pass it in (--gpus all).")
                : HostCheck.Ok(name, "no NVIDIA GPU");
        }
        catch (NvmlUnavailableException e)
        {
            return HostCheck.Failure(name, e.Message, null, "Correct the path, or unset the variable.");
        }
    }
}
