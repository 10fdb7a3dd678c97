using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpuActors.LocalCluster;

/// <summary>
/// One process of a local cluster. It says that it is ready, and where, by writing a small JSON file; its output goes
/// to a log file.
/// </summary>
public sealed partial class ClusterProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _readyFile;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();

    private ClusterProcess(string name, Process process, string readyFile, string logFile)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        _readyFile = readyFile;
        _log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            AutoFlush = true,
        };
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>Where its output goes.</summary>
    public string LogFile { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>It has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The exit code, once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts <paramref name="dll"/> with a configuration file.</summary>
    public static ClusterProcess Start(
        string name, string dll, string configFile, string folder, ProcessPlace place)
    {
        var readyFile = Path.Combine(folder, $"{name}.ready");
        File.Delete(readyFile);
        string[] command = [.. place.Launcher, "dotnet", dll, "--config", configFile, "--ready-file", readyFile];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} could not be started.");
        process.StandardInput.Close();
        var started = new ClusterProcess(name, process, readyFile, Path.Combine(folder, $"{name}.log"));
        process.OutputDataReceived += started.Write;
        process.ErrorDataReceived += started.Write;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>What the process wrote when it was ready: names and addresses.</summary>
    /// <exception cref="TimeoutException">It was not ready in time, or ended; the message has the end of its log.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadyAsync(TimeSpan timeout)
    {
        var deadline = Stopwatch.StartNew();
        while (!File.Exists(_readyFile))
        {
            if (_process.HasExited || deadline.Elapsed > timeout)
            {
                var how = _process.HasExited ? $"ended with {_process.ExitCode}" : $"was not ready after {timeout}";
                throw new TimeoutException($"{Name} {how}. The end of its log:\n{LogEnd()}");
            }

            await Task.Delay(PollInterval);
        }

        var text = await File.ReadAllTextAsync(_readyFile);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: false);
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Freezes the process where it is (SIGSTOP).</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public void Resume() => Signal(SigContinue);

    /// <summary>Asks it to stop (SIGTERM) and waits; kills it when it does not.</summary>
    /// <returns>False if it had to be killed.</returns>
    public async Task<bool> StopAsync()
    {
        if (_process.HasExited)
        {
            return true;
        }

        Signal(SigTerm);
        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>The last lines of its log.</summary>
    public string LogEnd(int lines = 30)
    {
        using var reader = new StreamReader(
            new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return string.Join('\n', reader.ReadToEnd().Split('\n').TakeLast(lines));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void Signal(int signal)
    {
        if (Kill(_process.Id, signal) != 0 && !_process.HasExited)
        {
            throw new Win32Exception();
        }
    }

    private void Write(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_logLock)
        {
            _log.WriteLine(line.Data);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
