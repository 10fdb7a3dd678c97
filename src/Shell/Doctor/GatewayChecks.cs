using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Doctor;

/// <summary>Whether programs of this machine reach the workers' gateways, and how far away those are.</summary>
internal sealed class GatewayChecks(TimeProvider time)
{
    private const int Connects = 9;
    private const string Reach =
        "Set worker.sessions.host and worker.sessions.port (or advertised) on that host, and let its firewall pass this machine.";

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    /// <summary>The workers as the scheduler sees them, then each gateway.</summary>
    public async Task<IReadOnlyList<HostCheck>> RunAsync(
        GpuActorsClient client, Action<string> progress, ICollection<HostStatus> reached, CancellationToken cancellationToken)
    {
        var hosts = await client.Cluster.ListHostsAsync(cancellationToken);
        var status = await client.Cluster.GetStatusAsync(cancellationToken);
        var checks = new List<HostCheck> { Hosts(hosts, status.Version) };
        foreach (var host in hosts.Where(host => host is { State: HostState.Up, Gateway: not null }))
        {
            progress($"connecting to {host.Name}");
            var found = await ConnectAsync(host, cancellationToken);
            checks.AddRange(found);
            if (found[0].Outcome != CheckOutcome.Failure)
            {
                reached.Add(host);
            }
        }

        return checks;
    }

    /// <summary>Which workers there are.</summary>
    internal static HostCheck Hosts(IReadOnlyList<HostStatus> hosts, string version)
    {
        const string name = "workers";
        if (hosts.Count == 0)
        {
            return HostCheck.Failure(name, "The cluster has no worker.", "one or more", "Start a worker; on its host pbm doctor --worker says what it misses.");
        }

        var found = string.Join("; ", hosts.Select(host =>
            $"{host.Name} {Words.State(host.State)}{(host.Gateway is null ? ", no gateway" : "")}"
            + (host.Version is { } own && own != version ? $", version {own}" : "")));
        var up = hosts.Where(host => host.State == HostState.Up).ToList();
        return up.Count == 0
            ? HostCheck.Failure(name, found, "one is up", "On their hosts: pbm doctor --worker.")
            : up.All(host => host.Gateway is null)
            ? HostCheck.Failure(name, found, "one takes programs", "Set worker.sessions.enabled on a host, and run this version there.")
            : up.Count < hosts.Count || up.Any(host => host.Gateway is null || host.Version != version)
            ? HostCheck.Warning(name, found, $"all are up, take programs and have the scheduler's version {version}", "On those hosts: pbm doctor --worker.")
            : HostCheck.Ok(name, found);
    }

    /// <summary>How long a round trip takes to a program that waits.</summary>
    internal static HostCheck Latency(string host, TimeSpan roundTrip, string how)
    {
        var name = $"latency {host}";
        var found = string.Create(CultureInfo.InvariantCulture, $"{roundTrip.TotalMilliseconds:0.###} ms {how}");
        return roundTrip <= LinkNeeds.GoodRoundTrip ? HostCheck.Ok(name, found + ": good for all programs")
            : roundTrip <= LinkNeeds.FineRoundTrip ? HostCheck.Ok(name, found + ": fine for programs that do not wait for each launch")
            : HostCheck.Warning(
                name, found, $"{LinkNeeds.FineRoundTrip.TotalMilliseconds:0} ms or less; {LinkNeeds.GoodRoundTrip.TotalMilliseconds:0.0} ms is good",
                "Use a host that is nearer (--filter rack=…), or programs whose kernels run long for each call that waits.");
    }

    private async Task<IReadOnlyList<HostCheck>> ConnectAsync(HostStatus host, CancellationToken cancellationToken)
    {
        var name = $"gateway {host.Name}";
        var address = host.Gateway!;
        try
        {
            var (endpoint, where) = Split(address);
            var times = new List<TimeSpan>();
            for (var i = 0; i < Connects; i++)
            {
                using var socket = await OpenAsync(endpoint, where, times, cancellationToken);
                if (i == Connects - 1)
                {
                    return
                    [
                        Answer(name, address, await GreetingAsync(socket, cancellationToken)),
                        Latency(host.Name, times.Order().ElementAt(Connects / 2), "to connect"),
                    ];
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or FormatException or OperationCanceledException or ProtocolException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = e is OperationCanceledException ? $"no answer within {ConnectTime.TotalSeconds:0} s" : e.Message;
            return [HostCheck.Failure(name, $"{address}: {why}", "a TCP connection from here", Reach)];
        }

        return [];
    }

    private async Task<Socket> OpenAsync(string host, int port, List<TimeSpan> times, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var addresses = await Dns.GetHostAddressesAsync(host, either.Token);
        var socket = new Socket(addresses[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var began = time.GetTimestamp();
            await socket.ConnectAsync(new IPEndPoint(addresses[0], port), either.Token);
            times.Add(time.GetElapsedTime(began));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What a gateway says first.</summary>
    private async Task<Challenge> GreetingAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await using var stream = new NetworkStream(socket);
        return CommandReader.Read<Challenge>(await GatewayHandshake.ReadAsync(stream, either.Token));
    }

    /// <summary>Versions and encryption.</summary>
    internal static HostCheck Answer(string name, string address, Challenge challenge)
    {
        var found = $"{address}, TLS {(challenge.Tls ? "on" : "off")}";
        if (ProtocolVersion.Choose(challenge.VersionMin, challenge.VersionMax) is null)
        {
            return HostCheck.Failure(
                name, $"{found}, versions {challenge.VersionMin} to {challenge.VersionMax} of the protocol",
                $"one of {ProtocolVersion.Oldest} to {ProtocolVersion.Newest}, which this shell speaks",
                "Install the same version here and on that host.");
        }

        return challenge.Tls || IsLoopback(address)
            ? HostCheck.Ok(name, found)
            : HostCheck.Warning(name, found, "TLS on, where others can listen on the network", "Set worker.sessions.tls = auto on that host.");
    }

    private static bool IsLoopback(string address) =>
        IPAddress.TryParse(Split(address).Host, out var parsed) ? IPAddress.IsLoopback(parsed) : Split(address).Host == "localhost";

    private static (string Host, int Port) Split(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (address[..colon].Trim('[', ']'), port)
            : throw new FormatException($"'{address}' is not HOST:PORT.");
    }
}
