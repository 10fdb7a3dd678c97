using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.LocalCluster.Emulation;

/// <summary>
/// Two network namespaces, one for a cluster and one for its clients, and a link between them that delays and loses
/// packets as it is told. Only root can make it. The packets pass through this process, so that it needs nothing of the
/// kernel beyond tunnel devices; and neither the namespaces nor the devices have names outside, so that nothing is left
/// of them when the process ends, however it ends.
/// </summary>
public sealed class EmulatedNetwork : IDisposable
{
    private const string Device = "link0";
    private const string TunDevice = "/dev/net/tun";

    private readonly SafeFileHandle[] _spaces = new SafeFileHandle[2];
    private readonly SafeFileHandle[] _devices = new SafeFileHandle[2];
    private readonly PacketPump[] _pumps = [];

    /// <exception cref="IOException">The system does not let it be made.</exception>
    public EmulatedNetwork()
    {
        try
        {
            for (var side = 0; side < 2; side++)
            {
                Create(side);
                Run(Place(side), "sh", "-c", $"ip link set lo up && ip addr add {Address(side)}/24 dev {Device} && " +
                    $"ip link set {Device} mtu 1500 txqueuelen 10000 up");
            }

            _pumps = [new PacketPump(_devices[0], _devices[1], seed: 1), new PacketPump(_devices[1], _devices[0], seed: 2)];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none here, as a sentence; null when there can.</summary>
    public static string? Hindrance =>
        Environment.UserName != "root" ? "An emulated network needs root."
        : !File.Exists(TunDevice) ? $"There is no {TunDevice}."
        : !File.Exists("/usr/bin/nsenter") ? "There is no nsenter; as root: apt-get install -y util-linux"
        : !File.Exists("/sbin/ip") ? "There is no ip; as root: apt-get install -y iproute2"
        : null;

    /// <summary>Where schedulers and workers run.</summary>
    public ProcessPlace Cluster => Place(0);

    /// <summary>Where programs run.</summary>
    public ProcessPlace Clients => Place(1);

    /// <summary>The file that stands for the clients' namespace while this process runs.</summary>
    public string ClientsFile => FileOf(1);

    /// <summary>How packets are treated, both ways.</summary>
    public LinkQuality Quality
    {
        get => _pumps[0].Quality;
        set => Array.ForEach(_pumps, pump => pump.Quality = value);
    }

    /// <summary>Packets that were lost so far, both ways.</summary>
    public long Lost => _pumps.Sum(pump => pump.Lost);

    public void Dispose()
    {
        Array.ForEach(_pumps, pump => pump.Dispose());
        foreach (var handle in _devices.Concat(_spaces))
        {
            handle?.Dispose();
        }
    }

    /// <summary>A thread makes the namespace, leaves a handle to it, and ends.</summary>
    private void Create(int side)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Kernel.UnshareNetwork();
                _spaces[side] = File.OpenHandle("/proc/thread-self/ns/net");
                _devices[side] = Kernel.OpenTun(Device);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new IOException($"The emulated network cannot be made: {failure.Message}", failure);
        }
    }

    private ProcessPlace Place(int side) => new(Address(side), ["nsenter", $"--net={FileOf(side)}"]);

    private string FileOf(int side) => string.Create(
        CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{_spaces[side].DangerousGetHandle()}");

    private static string Address(int side) => string.Create(CultureInfo.InvariantCulture, $"10.78.0.{side + 1}");

    private static void Run(ProcessPlace place, params string[] command)
    {
        string[] line = [.. place.Launcher, .. command];
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{string.Join(' ', command)}: {error}");
        }
    }
}
