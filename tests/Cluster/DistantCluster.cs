using System.Diagnostics;
using GpuActors.LocalCluster;
using GpuActors.LocalCluster.Emulation;

namespace GpuActors.Cluster.Tests;

/// <summary>A cluster with one worker, and clients whose packets to it are delayed and lost as a test says.</summary>
public sealed class DistantCluster : IAsyncLifetime
{
    private SocketsHttpHandler? _handler;

    public EmulatedNetwork Network { get; private set; } = null!;

    public LocalCluster.LocalCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (EmulatedNetwork.Hindrance is not null)
        {
            return; // the tests are skipped
        }

        Network = new EmulatedNetwork();
        _handler = NamespaceSockets.Handler(Network.ClientsFile);
        Cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Workers = 1,
            Place = _ => Network.Cluster,
            ClientHandler = () => _handler,
            ExtraConfig = $"gpuactors.worker.sessions.host = \"{Network.Cluster.Address}\"",
        });
    }

    public async Task DisposeAsync()
    {
        if (Cluster is not null)
        {
            await Cluster.DisposeAsync();
        }

        _handler?.Dispose();
        Network?.Dispose();
    }

    /// <summary>Starts a program on the clients' side, on a slice of the worker on the other.</summary>
    internal PbmProcess Run(params string[] program) => PbmProcess.Start(
        Cluster,
        Network.Clients.Launcher,
        // Both sides are one machine, and a worker of one's own machine is not reached over the network.
        new Dictionary<string, string> { ["GPUACTORS_TRANSPORT"] = "tcp" },
        ["run", "--memory", "512MiB", "--", .. program]);

    /// <summary>Runs a program on the machine's own OpenCL, and gives what it prints.</summary>
    internal static string RunHere(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output);
        return output;
    }
}
