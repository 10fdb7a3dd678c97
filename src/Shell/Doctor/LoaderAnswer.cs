using System.Diagnostics;

namespace GpuActors.Shell.Doctor;

/// <summary>What the OpenCL loader answered a process of its own.</summary>
/// <param name="Loader">Name and version; null: there is no loader.</param>
/// <param name="File">The loader's file.</param>
/// <param name="Platforms">Names and versions of what it found.</param>
/// <param name="Trouble">How the process ended if not in order; null otherwise.</param>
internal sealed record LoaderAnswer(
    string? Loader, string File, IReadOnlyList<(string Name, string Version)> Platforms, string? Trouble)
{
    private const string VendorsVariable = "OCL_ICD_VENDORS";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks the loader.</summary>
    /// <param name="environment">Clock and folder.</param>
    /// <param name="vendors">What <c>OCL_ICD_VENDORS</c> is to be; null: not set, so that the system's drivers are found.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LoaderAnswer> AskAsync(
        ShellEnvironment environment, string? vendors, CancellationToken cancellationToken)
    {
        var start = Itself("doctor", OpenClLoader.AskOption);
        start.Environment.Remove(VendorsVariable);
        if (vendors is not null)
        {
            start.Environment[VendorsVariable] = vendors;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        using var patience = new CancellationTokenSource(Patience, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return Parse(await output, $"a driver does not answer within {Patience.TotalSeconds:0} s");
        }

        var trouble = process.ExitCode is ExitCodes.Ok or ExitCodes.Failed
            ? null
            : $"a driver ends the process with {process.ExitCode}: {FirstLine(await errors)}";
        return Parse(await output, trouble);
    }

    /// <summary>Reads the lines of <see cref="OpenClLoader.Ask"/>.</summary>
    internal static LoaderAnswer Parse(string lines, string? trouble)
    {
        var fields = lines.Split('\n').Select(line => line.Split('\t')).Where(line => line.Length == 3).ToList();
        var loader = fields.Find(line => line[0] == "loader");
        return new LoaderAnswer(
            fields.Find(line => line[0] == "version")?[1] ?? loader?[1], loader?[2] ?? "",
            [.. fields.Where(line => line[0] == "platform").Select(line => (line[1], line[2]))], trouble);
    }

    /// <summary>The shell once more: the running program, or <c>dotnet</c> with its assembly.</summary>
    private static ProcessStartInfo Itself(params IEnumerable<string> arguments)
    {
        var running = Environment.ProcessPath ?? "dotnet";
        var isDotnet = Path.GetFileNameWithoutExtension(running) == "dotnet";
        var assembly = Path.Combine(AppContext.BaseDirectory, typeof(LoaderAnswer).Assembly.GetName().Name + ".dll");
        return new ProcessStartInfo(running, isDotnet ? arguments.Prepend(assembly) : arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
