using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shared.Security;

namespace GpuActors.Worker.Diagnosis;

/// <summary>
/// <c>worker check</c>: whether a worker with these settings can serve sessions on this machine, also while one does. One
/// line of JSON for each check, as soon as it is done; <c>pbm doctor --worker</c> shows them.
/// </summary>
internal sealed class WorkerChecks(WorkerSettings settings, IActorRuntime runtime)
{
    private const long SmallMemoryBytes = 2L << 30;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    /// <summary>Does all checks.</summary>
    /// <param name="configFile">HOCON; null: the defaults.</param>
    /// <param name="output">Where the lines go.</param>
    /// <returns>The exit code: 0 if nothing failed, otherwise 1.</returns>
    public static async Task<int> RunAsync(string? configFile, TextWriter output)
    {
        var failed = false;
        void Tell(HostCheck check)
        {
            failed |= check.Outcome == CheckOutcome.Failure;
            output.WriteLine(check.ToJson());
            output.Flush();
        }

        const string name = "worker.settings";
        try
        {
            var settings = WorkerSettings.From(ConfigurationFactory.Load(configFile is null ? [] : [configFile]));
            Tell(HostCheck.Ok(name, $"host {settings.Name}, from {configFile ?? "the defaults"}"));
            await foreach (var check in new WorkerChecks(settings, new ProductionRuntime()).AllAsync())
            {
                Tell(check);
            }
        }
        catch (Exception e) when (e is ConfigException or SecretException or ArgumentException or IOException)
        {
            Tell(HostCheck.Failure(name, e.Message, null, "Correct the worker's configuration, or name it with --config FILE."));
        }

        return failed ? 1 : 0;
    }

    private async IAsyncEnumerable<HostCheck> AllAsync()
    {
        yield return await SchedulersAsync();
        yield return Gateway();
        foreach (var check in new KernelSettings("/").OfWorker().Append(Machine()).Append(Disk()))
        {
            yield return check;
        }

        var devices = new DeviceChecks(settings, runtime);
        foreach (var check in devices.Found())
        {
            yield return check;
        }

        await foreach (var check in devices.ExecutorsAsync())
        {
            yield return check;
        }
    }

    private async Task<HostCheck> SchedulersAsync()
    {
        const string name = "worker.schedulers";
        var answers = await Task.WhenAll(settings.Schedulers.Select(TryConnectAsync));
        var found = string.Join("; ", settings.Schedulers.Zip(answers, (address, why) => $"{address} {why ?? "answers"}"));
        var reached = answers.Count(why => why is null);
        const string advice = "Start the scheduler, correct worker.schedulers, or let this machine through to its remoting port.";
        return reached == answers.Length ? HostCheck.Ok(name, found)
            : reached > 0 ? HostCheck.Warning(name, found, "all of them answer", advice)
            : HostCheck.Failure(name, found, "one answers", advice);
    }

    /// <summary>Why an address does not answer; null: it does.</summary>
    private async Task<string?> TryConnectAsync(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return "is not HOST:PORT";
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(ConnectTime, runtime.Time);
        try
        {
            await socket.ConnectAsync(address[..colon].Trim('[', ']'), port, timeout.Token);
            return null;
        }
        catch (SocketException e)
        {
            return $"cannot be reached: {e.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"does not answer within {ConnectTime.TotalSeconds:0} s";
        }
    }

    /// <summary>Whether programs of other machines find the worker, and nobody else reads what they say.</summary>
    internal HostCheck Gateway()
    {
        const string name = "worker.gateway";
        var sessions = settings.Sessions;
        if (!sessions.Enabled)
        {
            return HostCheck.Warning(
                name, "no interactive sessions (worker.sessions.enabled = false)", "programs can use this worker's GPUs",
                "Set worker.sessions.enabled, unless the host is for jobs only.");
        }

        var isLocal = sessions.Host == "localhost" || (IPAddress.TryParse(sessions.Host, out var address) && IPAddress.IsLoopback(address));
        var found = $"listens on {sessions.Host}, {(sessions.Port == 0 ? "any free port" : $"port {sessions.Port}")}, "
            + $"TLS {(sessions.Tls ? "on" : "off")}";
        if (isLocal && sessions.Advertised is null)
        {
            return HostCheck.Warning(
                name, found, "an address that programs of other machines reach",
                "Set worker.sessions.host (\"0.0.0.0\" for all), unless only programs of this machine are to use it.");
        }

        return sessions.Tls || isLocal ? HostCheck.Ok(name, found) : HostCheck.Warning(
            name, found, "TLS on, where others can listen on the network", "Set worker.sessions.tls = auto.");
    }

    /// <summary>What the process may use of the machine: its own limits and those of its control group.</summary>
    private HostCheck Machine()
    {
        const string name = "worker.machine";
        var machine = new HostMachine("/").Describe(settings.Host);
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{machine.CpuMilli / 1000.0:0.##} cores and {machine.MemoryBytes / (double)(1 << 30):0.#} GiB, for up to {settings.Executors.Max} executors");
        return machine.MemoryBytes is > 0 and < SmallMemoryBytes
            ? HostCheck.Warning(
                name, found, "2 GiB or more: each executor takes some tens of MiB beside what its session has",
                "Raise the memory limit of the control group or container, or lower worker.executors.max.")
            : HostCheck.Ok(name, found);
    }

    /// <summary>Room for blobs and compiled kernels.</summary>
    private HostCheck Disk()
    {
        const string name = "worker.disk";
        var folder = Path.GetFullPath(settings.DataFolder);
        try
        {
            var there = Existing(folder);
            var free = new DriveInfo(there).AvailableFreeSpace;
            var wanted = settings.BlobCacheBytes + settings.Executors.KernelCacheBytes;
            var found = string.Create(
                CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.#} GiB free for {folder}");
            if (!DeviceFiles.CanWrite(there))
            {
                return HostCheck.Failure(
                    name, $"{there} cannot be written", "a folder of this user's",
                    "Change worker.data-dir, or the folder's owner (chown).");
            }

            return free >= wanted ? HostCheck.Ok(name, found) : HostCheck.Warning(
                name, found,
                string.Create(CultureInfo.InvariantCulture, $"{wanted / (double)(1 << 30):0.#} GiB, as blob-cache-size and executors.kernel-cache-size say"),
                "Make room, change worker.data-dir, or lower the two sizes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return HostCheck.Failure(name, $"{folder}: {e.Message}", "a folder of this user's", "Change worker.data-dir.");
        }
    }

    /// <summary>The folder, or the nearest one above it that is there: the worker makes the rest.</summary>
    private static string Existing(string folder) =>
        Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } above ? folder : Existing(above);
}
