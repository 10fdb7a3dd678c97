using System.Diagnostics;
using System.Globalization;
using GpuActors.Benchmarks.Actors;
using GpuActors.Benchmarks.Jobs;
using GpuActors.LocalCluster;

namespace GpuActors.Benchmarks.Remote;

/// <summary>
/// Unmodified OpenCL programs on a slice of a worker, side by side with the same programs on PoCL directly: over shared
/// memory, a Unix socket, and TCP on loopback with and without TLS, on clusters of real processes on this machine. Rounds
/// alternate between them, since the machine's speed varies; each figure is the median of its rounds, and is given as a
/// part of PoCL's, too.
/// </summary>
internal static class RemoteBenchmark
{
    private const int Rounds = 5;
    private const int LongRounds = 2;
    private const int Starts = 9;
    private const string Native = "native";
    private const string Memory = "memory";
    private const string Unix = "unix";
    private const string Tls = "tls";
    private const string Tcp = "tcp";

    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));
    private static readonly string[] All = [Native, Memory, Unix, Tls, Tcp];

    /// <summary>What programs get on the worker's machine, and from another one.</summary>
    private static readonly string[] Usual = [Native, Memory, Tls];


    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        using var folder = new WorkFolder();
        var probe = Path.Combine(folder.Path, "probe");
        await RunAsync("cc", ["-O2", "-o", probe, Path.Combine(Root, "benchmarks/Remote/probe.c"), "-lOpenCL"], folder, new Dictionary<string, string>());
        await using var encrypted = await StartAsync(tls: true);
        await using var plain = await StartAsync(tls: false);
        var programs = new Programs(encrypted, plain, folder);
        await StartsAsync(output, programs);
        await CompareAsync(output, programs, "remote.probe", All, Rounds, [probe], ProbeFigures);
        await CompareAsync(
            output, programs, "remote.clfft", Usual, LongRounds, ["clFFT-client", "-c", "-x", "1024", "-y", "256", "-p", "50"],
            ClFftFigures);
        await CompareAsync(
            output, programs, "remote.hashcat", Usual, LongRounds,
            ["hashcat", "-b", "-m", "0", "--runtime", "8", "--force", "--machine-readable"], HashcatFigures);
    }

    private static Task<LocalCluster.LocalCluster> StartAsync(bool tls) =>
        LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            ProgramsFolder = JobsBenchmark.Nodes,
            Workers = 1,
            ExtraConfig = $"gpuactors.worker.sessions.tls = {(tls ? "on" : "off")}",
        });

    private static async Task StartsAsync(TextWriter output, Programs programs)
    {
        var times = Usual.ToDictionary(way => way, _ => new List<double>());
        for (var i = -2; i < Starts; i++)
        {
            foreach (var way in Usual)
            {
                var began = Stopwatch.GetTimestamp();
                await programs.RunAsync(way, ["clinfo"]);
                if (i >= 0)
                {
                    times[way].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            }
        }

        foreach (var way in Usual)
        {
            Print(output, $"remote.start.clinfo.{way}", Median(times[way]), "ms");
        }
    }

    private static async Task CompareAsync(
        TextWriter output,
        Programs programs,
        string name,
        string[] ways,
        int rounds,
        string[] command,
        Func<string, IEnumerable<(string Name, double Value, string Unit)>> figuresOf)
    {
        var figures = new Dictionary<(string Name, string Way), (List<double> Values, string Unit)>();
        for (var round = -1; round < rounds; round++)
        {
            foreach (var way in ways)
            {
                var printed = await programs.RunAsync(way, command);
                foreach (var (figure, value, unit) in round < 0 ? [] : figuresOf(printed))
                {
                    if (!figures.TryGetValue((figure, way), out var known))
                    {
                        figures[(figure, way)] = known = ([], unit);
                    }

                    known.Values.Add(value);
                }
            }
        }

        foreach (var ((figure, way), (values, unit)) in figures.OrderBy(f => f.Key.Name, StringComparer.Ordinal))
        {
            Print(output, $"{name}.{figure}.{way}", Median(values), unit);
            if (way != Native)
            {
                Print(output, $"{name}.{figure}.{way}.of-native", Median(values) / Median(figures[(figure, Native)].Values), "times");
            }
        }
    }

    private static IEnumerable<(string Name, double Value, string Unit)> ProbeFigures(string printed) =>
        printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .Where(fields => fields.Length == 3)
            .Select(fields => (fields[0], double.Parse(fields[1], CultureInfo.InvariantCulture), fields[2]));

    private static IEnumerable<(string Name, double Value, string Unit)> ClFftFigures(string printed)
    {
        const string Label = "Execution gflops:";
        var line = printed.Split('\n').First(line => line.StartsWith(Label, StringComparison.Ordinal));
        yield return ("speed", double.Parse(line[Label.Length..], CultureInfo.InvariantCulture), "GFLOP/s");
    }

    /// <summary>Device, mode, clock, temperature, time of a round in ms, hashes per second.</summary>
    private static IEnumerable<(string Name, double Value, string Unit)> HashcatFigures(string printed)
    {
        var line = printed.Split('\n').First(line => line.StartsWith("1:0:", StringComparison.Ordinal));
        yield return ("md5", double.Parse(line.Split(':')[5], CultureInfo.InvariantCulture) / 1e6, "MH/s");
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static void Print(TextWriter output, string name, double value, string unit) =>
        RemotingBenchmarks.Print(output, name, value, unit);

    private static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, WorkFolder folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{printed}{await errors}");
    }

    /// <summary>A program as it is run: on PoCL directly, or by <c>pbm run</c> on a whole device of a cluster.</summary>
    private sealed class Programs(LocalCluster.LocalCluster encrypted, LocalCluster.LocalCluster plain, WorkFolder folder)
    {
        public Task<string> RunAsync(string way, string[] command)
        {
            if (way == Native)
            {
                return RemoteBenchmark.RunAsync(command[0], command[1..], folder, new Dictionary<string, string>
                {
                    ["OCL_ICD_VENDORS"] = "/etc/OpenCL/vendors/pocl.icd",
                });
            }

            var cluster = way == Tcp ? plain : encrypted;
            return RemoteBenchmark.RunAsync(
                Path.Combine(Root, "pbm"), ["run", "--whole", "--", .. command], folder, new Dictionary<string, string>
                {
                    ["GPUACTORS_SERVER"] = cluster.HttpAddress.ToString(),
                    ["GPUACTORS_TICKET"] = cluster.Ticket(),
                    ["GPUACTORS_TRANSPORT"] = way == Tls ? Tcp : way,
                });
        }
    }

    private sealed class WorkFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gpuactors-remote-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
