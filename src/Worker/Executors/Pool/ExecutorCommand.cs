using System.Diagnostics;
using System.Globalization;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// How an executor process is started; <c>executor --socket PATH --device P/I</c> and limits are added.
/// </summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">What goes before the executor's own arguments.</param>
public sealed record ExecutorCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The worker's own program once more: the running one, or <c>dotnet</c> with
    /// <paramref name="workerAssemblyPath"/> where <c>dotnet</c> runs us.
    /// </summary>
    public static ExecutorCommand ForWorker(string workerAssemblyPath)
    {
        var running = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(running) == "dotnet"
            ? new ExecutorCommand(running, [workerAssemblyPath])
            : new ExecutorCommand(running, []);
    }

    internal ProcessStartInfo ToStartInfo(ProcessFolder folder, ExecutorPlace place, long overheadBytes)
    {
        var info = new ProcessStartInfo(FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        string[] arguments =
        [
            .. Arguments, "executor", "--socket", folder.Socket, "--device", place.Opens.ToString(),
            "--overhead-bytes", overheadBytes.ToString(CultureInfo.InvariantCulture),
            "--lease", folder.Lease, "--share", folder.Share, "--bell", folder.Bell,
            "--clients", folder.Clients,
        ];
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        ExecutorEnvironment.Apply(info.Environment, folder, place.VisibleDevice);
        return info;
    }
}
