using System.Diagnostics;
using System.Globalization;
using GpuActors.LocalCluster;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Network namespaces that a bridge connects, the bridge in one of its own: nothing of it is seen outside. Each has
/// one address and can be cut off from all others, or from one of them in one direction. Packets are lost without a
/// word, as behind a cable that was pulled out. Only root can make them.
/// </summary>
internal sealed class NetworkNamespaces : IDisposable
{
    private const string Switch = "switch";

    /// <summary>Nobody's address on the network: what is sent there is lost.</summary>
    private const string Nowhere = "02:00:00:00:ff:ff";

    private static int _networks;

    private readonly string _prefix = string.Create(
        CultureInfo.InvariantCulture, $"gpuactors-{Environment.ProcessId}-{Interlocked.Increment(ref _networks)}-");

    private readonly List<string> _names;

    public NetworkNamespaces(params string[] names)
    {
        _names = [.. names];
        try
        {
            Ip("netns", "add", _prefix + Switch);
            Ip("-n", _prefix + Switch, "link", "add", "bridge", "type", "bridge");
            Ip("-n", _prefix + Switch, "link", "set", "bridge", "up");
            names.ToList().ForEach(Add);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none here, as a sentence; null when there can.</summary>
    public static string? Hindrance =>
        Environment.UserName != "root" ? "Network namespaces need root."
        : !File.Exists("/usr/bin/nsenter") ? "There is no nsenter; as root: apt-get install -y util-linux"
        : !File.Exists("/sbin/ip") ? "There is no ip; as root: apt-get install -y iproute2"
        : null;

    /// <summary>What makes a process live in the namespace of that name.</summary>
    public ProcessPlace Place(string name) => new(Address(name), ["nsenter", $"--net={FileOf(name)}"]);

    /// <summary>The file that stands for a namespace.</summary>
    public string FileOf(string name) => $"/run/netns/{_prefix}{name}";

    /// <summary>Cuts it off from everything.</summary>
    public void CutOff(string name) => Ip("-n", _prefix + Switch, "link", "set", Port(name), "nomaster");

    /// <summary>Undoes <see cref="CutOff"/>.</summary>
    public void Connect(string name) => Ip("-n", _prefix + Switch, "link", "set", Port(name), "master", "bridge");

    /// <summary>Loses what one sends to the other, and only that.</summary>
    public void Lose(string from, string to) => Ip(
        "-n", _prefix + from, "neigh", "replace", Address(to), "lladdr", Nowhere, "nud", "permanent", "dev", "eth0");

    /// <summary>Undoes <see cref="Lose"/>.</summary>
    public void Deliver(string from, string to) =>
        Ip("-n", _prefix + from, "neigh", "del", Address(to), "dev", "eth0");

    public void Dispose()
    {
        foreach (var name in _names.Append(Switch).Where(name => File.Exists(FileOf(name))))
        {
            Ip("netns", "del", _prefix + name);
        }
    }

    private void Add(string name)
    {
        var space = _prefix + name;
        Ip("netns", "add", space);
        Ip("link", "add", "eth0", "netns", space, "type", "veth", "peer", "name", Port(name), "netns", _prefix + Switch);
        Ip("-n", _prefix + Switch, "link", "set", Port(name), "master", "bridge", "up");
        Ip("-n", space, "addr", "add", $"{Address(name)}/24", "dev", "eth0");
        Ip("-n", space, "link", "set", "lo", "up");
        Ip("-n", space, "link", "set", "eth0", "up");
    }

    private string Address(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"10.77.0.{Number(name)}");

    private string Port(string name) => string.Create(CultureInfo.InvariantCulture, $"port{Number(name)}");

    private int Number(string name) =>
        _names.IndexOf(name) is >= 0 and var index ? index + 1 : throw new ArgumentException($"There is no {name}.");

    private static void Ip(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        if (ip.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error}");
        }
    }
}
