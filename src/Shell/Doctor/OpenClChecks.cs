using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Sessions;

namespace GpuActors.Shell.Doctor;

/// <summary>Whether programs of this machine find the library by which they reach remote GPUs.</summary>
internal sealed class OpenClChecks(ShellEnvironment environment, string vendorsFolder = OpenClChecks.SystemVendors)
{
    private const string SystemVendors = "/etc/OpenCL/vendors";
    private const string VendorsVariable = "OCL_ICD_VENDORS";
    private const string OurPlatform = "GpuActors";
    private const string InstallLoader = "As root: apt-get install -y ocl-icd-libopencl1 (Fedora: dnf install ocl-icd).";

    /// <summary>Loader, library, and what else is there.</summary>
    public async Task<IReadOnlyList<HostCheck>> RunAsync(CancellationToken cancellationToken)
    {
        var (library, missing) = FindLibrary();
        var system = await LoaderAnswer.AskAsync(environment, null, cancellationToken);
        var own = library is null || system.Loader is null
            ? null
            : await LoaderAnswer.AskAsync(environment, library, cancellationToken);
        return [Loader(system), Library(library, missing, own), Drivers(system), Vendors(), Files()];
    }

    internal static HostCheck Loader(LoaderAnswer answer) => answer.Loader is { } loader
        ? HostCheck.Ok("opencl.loader", $"{loader}, {answer.File}")
        : HostCheck.Failure("opencl.loader", "There is no libOpenCL.so.1.", "the system's OpenCL loader", InstallLoader);

    /// <summary>The library answers as a platform when the loader is told of it, as <c>pbm run</c> does.</summary>
    internal static HostCheck Library(string? library, string? missing, LoaderAnswer? answer)
    {
        const string name = "opencl.library";
        const string advice = "Start the shell with ./pbm, which builds the library, or name it in GPUACTORS_ICD.";
        if (library is null)
        {
            return HostCheck.Failure(name, missing ?? "", "the library libgpuactors_icd.so", advice);
        }

        if (answer is null)
        {
            return HostCheck.Skipped(name, $"{library}: without a loader nothing loads it.");
        }

        return answer.Platforms.FirstOrDefault(platform => platform.Name.Contains(OurPlatform, StringComparison.Ordinal)) is
            { Name: not null } ours
            ? HostCheck.Ok(name, $"{library}: {ours.Version}")
            : HostCheck.Failure(
                name, $"{library}: {answer.Trouble ?? "the loader does not take it"}", $"a platform {OurPlatform}",
                $"See what 'ldd {library}' misses: it is made for x86-64 and this glibc or a newer one. {advice}");
    }

    /// <summary>The drivers that the system has by itself; programs see them when they run without pbm.</summary>
    internal static HostCheck Drivers(LoaderAnswer answer)
    {
        const string name = "opencl.drivers";
        var found = answer.Platforms.Count == 0
            ? "none beside the library, and none is needed"
            : string.Join("; ", answer.Platforms.Select(platform => $"{platform.Name} ({platform.Version})"));
        return answer.Loader is null ? HostCheck.Skipped(name, "There is no loader to ask.")
            : answer.Trouble is null ? HostCheck.Ok(name, found)
            : HostCheck.Warning(
                name, $"{answer.Trouble}; until then: {found}", "every installed driver answers",
                $"Remove the .icd file of the broken driver from {SystemVendors}; under pbm run it is not loaded.");
    }

    /// <summary>What the user's environment tells the loader.</summary>
    private HostCheck Vendors()
    {
        const string name = "opencl.vendors";
        var named = environment.Variable(VendorsVariable);
        if (string.IsNullOrEmpty(named))
        {
            return HostCheck.Ok(name, $"{VendorsVariable} is not set: the loader reads {vendorsFolder}");
        }

        var isThere = File.Exists(named) || Directory.Exists(named);
        var found = $"{VendorsVariable}={named}";
        return isThere
            ? HostCheck.Ok(name, $"{found}: programs see nothing else")
            : HostCheck.Warning(
                name, $"{found}, which is not there: programs that run without pbm find no OpenCL", "a folder of .icd files, or unset",
                $"unset {VendorsVariable}");
    }

    /// <summary>The system's .icd files: each names a library that should be there.</summary>
    internal HostCheck Files()
    {
        const string name = "opencl.icd-files";
        string[] files = Directory.Exists(vendorsFolder)
            ? [.. Directory.EnumerateFiles(vendorsFolder, "*.icd").Order(StringComparer.Ordinal)] : [];
        if (files.Length == 0)
        {
            return HostCheck.Ok(name, $"none in {vendorsFolder}; pbm run needs none");
        }

        var entries = files.Select(file => (File: file, Library: File.ReadLines(file).FirstOrDefault()?.Trim() ?? "")).ToList();
        var broken = entries.Where(entry => entry.Library.Contains('/', StringComparison.Ordinal) && !File.Exists(entry.Library)).ToList();
        var found = string.Join("; ", entries.Select(entry => $"{Path.GetFileName(entry.File)} names {entry.Library}"));
        return broken.Count == 0
            ? HostCheck.Ok(name, found)
            : HostCheck.Warning(
                name, found, "libraries that are there", $"Remove {string.Join(", ", broken.Select(entry => entry.File))}, or install what it names.");
    }

    private (string? Path, string? Missing) FindLibrary()
    {
        try
        {
            return (IcdLibrary.Find(environment), null);
        }
        catch (UsageException e)
        {
            return (null, e.Message);
        }
    }
}
