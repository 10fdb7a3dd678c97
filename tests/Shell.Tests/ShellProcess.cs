using System.Diagnostics;
using System.Text;

namespace GpuActors.Shell.Tests;

/// <summary>What a run of the shell left.</summary>
internal sealed record ShellResult(int ExitCode, byte[] OutBytes, string Error)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs the shell as a process of its own, in a folder of its own.</summary>
internal sealed class ShellProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, string> _variables = new()
    {
        ["GPUACTORS_SERVER"] = "",
        ["GPUACTORS_TICKET"] = "",
        ["GPUACTORS_CLUSTER_SECRET"] = "",
        ["GPUACTORS_CLUSTER_SECRET_FILE"] = "",
    };

    public ShellProcess()
    {
        Folder = Directory.CreateTempSubdirectory("gpuactors-shell-").FullName;
        Set("HOME", Folder);
    }

    /// <summary>The current folder, and the home, of the process.</summary>
    public string Folder { get; }

    public ShellProcess Set(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    /// <summary>Points the shell at a server.</summary>
    public ShellProcess At(Uri server) => Set("GPUACTORS_SERVER", server.ToString()).Set("GPUACTORS_TICKET", "gat1.x.y");

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Task<ShellResult> RunAsync(params string[] args) => RunAsync("", args);

    /// <summary>Starts the shell; the caller ends it. Its output goes to files, so that nobody has to read it.</summary>
    public Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Folder, RedirectStandardInput = true };
        var words = new[] { "dotnet", Path.Combine(AppContext.BaseDirectory, "GpuActors.Shell.dll") }.Concat(args);
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" > out.txt 2> error.txt");
        foreach (var word in words.Prepend("sh"))
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public async Task<ShellResult> RunAsync(string input, string[] args, string? folder = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder ?? Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "GpuActors.Shell.dll"));
        Array.ForEach(args, start.ArgumentList.Add);
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        using var output = new MemoryStream();
        var copying = process.StandardOutput.BaseStream.CopyToAsync(output, deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"pbm {string.Join(' ', args)} did not end within {Deadline}.");
        }

        await copying;
        return new ShellResult(process.ExitCode, output.ToArray(), await errors);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
