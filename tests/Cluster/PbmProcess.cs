using System.Diagnostics;
using System.Text;

namespace GpuActors.Cluster.Tests;

/// <summary>The shell, or a program, as a user starts it, in a folder of its own, on a cluster.</summary>
internal sealed class PbmProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15); // the first one builds shell and library
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private PbmProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    public static PbmProcess Start(LocalCluster.LocalCluster cluster, params string[] arguments) =>
        Start(cluster, [], new Dictionary<string, string>(), arguments);

    /// <param name="cluster">The cluster.</param>
    /// <param name="launcher">A program with its arguments that becomes the shell, such as one that enters a namespace.</param>
    /// <param name="variables">Its environment beside what it needs.</param>
    /// <param name="arguments">The shell's arguments.</param>
    public static PbmProcess Start(
        LocalCluster.LocalCluster cluster, IReadOnlyList<string> launcher, IReadOnlyDictionary<string, string> variables,
        params string[] arguments)
    {
        string[] line = [.. launcher, Path.Combine(ClientPrograms.Root, "pbm"), .. arguments];
        return Start(cluster, line[0], line[1..], variables);
    }

    /// <summary>Starts a program with variables that tell it where the cluster is, and with more of them.</summary>
    public static PbmProcess Start(
        LocalCluster.LocalCluster cluster, string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = cluster.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["GPUACTORS_SERVER"] = cluster.HttpAddress.ToString();
        start.Environment["GPUACTORS_TICKET"] = cluster.Ticket();
        // What the script builds must not depend on packages in a home that is deleted after the test.
        start.Environment.TryAdd(
            "NUGET_PACKAGES", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"));
        start.Environment["HOME"] = cluster.Folder;
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return new PbmProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        LocalCluster.LocalCluster cluster, params string[] arguments)
    {
        using var process = Start(cluster, arguments);
        return (await process.ExitAsync(), process.Output, process.Errors);
    }

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            _ = line is null ? text : text.Append(line).Append('\n');
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
