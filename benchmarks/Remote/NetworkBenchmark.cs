using System.Diagnostics;
using System.Globalization;
using GpuActors.Benchmarks.Actors;
using GpuActors.Benchmarks.Jobs;
using GpuActors.LocalCluster;
using GpuActors.LocalCluster.Emulation;

namespace GpuActors.Benchmarks.Remote;

/// <summary>
/// What a program's calls cost when its worker is far away: launches and transfers over an emulated network without delay,
/// with some, and with losses. Each figure is given also as a multiple of the same without delay.
/// </summary>
internal static class NetworkBenchmark
{
    private const int Rounds = 3;
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    private static readonly (string Name, LinkQuality Quality)[] Links =
    [
        ("direct", LinkQuality.Direct),
        ("1ms", new LinkQuality(TimeSpan.FromMilliseconds(1))),
        ("10ms", new LinkQuality(TimeSpan.FromMilliseconds(10))),
        ("1percent", new LinkQuality(TimeSpan.Zero, 0.01)),
        ("10ms-1percent", new LinkQuality(TimeSpan.FromMilliseconds(10), 0.01)),
    ];

    /// <summary>Runs all and prints the figures. Needs root, since it makes network namespaces.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        if (EmulatedNetwork.Hindrance is { } hindrance)
        {
            throw new InvalidOperationException(hindrance);
        }

        using var network = new EmulatedNetwork();
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            ProgramsFolder = JobsBenchmark.Nodes,
            Workers = 1,
            Place = _ => network.Cluster,
            ExtraConfig = $"gpuactors.worker.sessions.host = \"{network.Cluster.Address}\"",
        });
        var probe = Path.Combine(cluster.Folder, "probe");
        await RunAsync(cluster, [
            "cc", "-O2", "-DLAUNCHES=200", "-DROWS=7", "-DTRANSFERS=5", "-DMEBIBYTES=16", "-o", probe,
            Path.Combine(Root, "benchmarks/Remote/probe.c"), "-l:libOpenCL.so.1",
        ]);
        var figures = new Dictionary<(string Figure, string Link), (List<double> Values, string Unit)>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, quality) in Links)
            {
                network.Quality = quality;
                Collect(figures, name, await RunAsync(
                    cluster, [.. network.Clients.Launcher, Path.Combine(Root, "pbm"), "run", "--whole", "--", probe]));
            }
        }

        Print(output, figures);
    }

    private static void Collect(
        Dictionary<(string Figure, string Link), (List<double> Values, string Unit)> figures, string link, string printed)
    {
        foreach (var fields in printed.Split('\n').Select(line => line.Split('\t')).Where(fields => fields.Length == 3))
        {
            if (!figures.TryGetValue((fields[0], link), out var known))
            {
                figures[(fields[0], link)] = known = ([], fields[2]);
            }

            known.Values.Add(double.Parse(fields[1], CultureInfo.InvariantCulture));
        }
    }

    private static void Print(
        TextWriter output, Dictionary<(string Figure, string Link), (List<double> Values, string Unit)> figures)
    {
        foreach (var ((figure, link), (values, unit)) in figures.OrderBy(entry => entry.Key.Figure, StringComparer.Ordinal))
        {
            RemotingBenchmarks.Print(output, $"network.{figure}.{link}", Median(values), unit);
            if (link != Links[0].Name)
            {
                RemotingBenchmarks.Print(
                    output, $"network.{figure}.{link}.of-direct", Median(values) / Median(figures[(figure, Links[0].Name)].Values), "times");
            }
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<string> RunAsync(LocalCluster.LocalCluster cluster, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = cluster.Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["GPUACTORS_SERVER"] = cluster.HttpAddress.ToString();
        start.Environment["GPUACTORS_TICKET"] = cluster.Ticket();
        start.Environment["GPUACTORS_TRANSPORT"] = "tcp"; // both sides are one machine
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}:\n{printed}{await errors}");
    }
}
