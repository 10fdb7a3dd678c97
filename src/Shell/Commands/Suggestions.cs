using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;

namespace GpuActors.Shell.Commands;

/// <summary>Values that the cluster or the file system offers for completion.</summary>
internal static class Suggestions
{
    private const int MaxOffered = 200;

    public static async Task<IEnumerable<string>> JobsAsync(CommandCall call, string word) =>
        (await call.Client.Jobs.ListAsync(new JobQuery { Limit = MaxOffered }, call.CancellationToken)).Jobs.Select(j => j.Id);

    public static async Task<IEnumerable<string>> SessionsAsync(CommandCall call, string word) =>
        (await call.Client.Sessions.ListAsync(new SessionQuery { Limit = MaxOffered }, call.CancellationToken))
            .Sessions.Select(session => session.Id);

    public static async Task<IEnumerable<string>> HostsAsync(CommandCall call, string word) =>
        (await call.Client.Cluster.ListHostsAsync(call.CancellationToken)).Take(MaxOffered).Select(h => h.Name);

    public static async Task<IEnumerable<string>> GpusAsync(CommandCall call, string word) =>
        (await call.Client.Cluster.ListGpusAsync(call.CancellationToken)).Take(MaxOffered).Select(gpu => gpu.Id);

    /// <summary>Modes that the GPU which an earlier argument names may be in.</summary>
    public static Func<CommandCall, string, Task<IEnumerable<string>>> ModesOf(NameArgument gpu) => async (call, _) =>
        (await call.Client.Cluster.ListGpusAsync(call.CancellationToken))
            .Where(known => known.Id == call.Parsed.GetValue(gpu))
            .SelectMany(known => known.AllowedModes.Select(GpuModes.NameOf))
            .Append(GpuModeSetting.Auto);

    /// <summary>Names of outputs of the job that an earlier argument names.</summary>
    public static Func<CommandCall, string, Task<IEnumerable<string>>> OutputsOf(NameArgument job) => async (call, _) =>
        call.Parsed.GetValue(job) is { } id
            ? (await call.Client.Jobs.ListOutputsAsync(id, call.CancellationToken)).Take(MaxOffered).Select(o => o.Name)
            : [];

    /// <summary>Files and folders, folders with a slash at their end.</summary>
    public static Task<IEnumerable<string>> FilesAsync(CommandCall call, string word)
    {
        int slash = word.LastIndexOf('/') + 1;
        string folder = Path.Combine(call.Environment.WorkingFolder, word[..slash]);
        var offered = Directory.Exists(folder)
            ? new DirectoryInfo(folder).EnumerateFileSystemInfos()
                .Where(entry => entry.Name.StartsWith(word[slash..], StringComparison.Ordinal))
                .Take(MaxOffered)
                .Select(entry => word[..slash] + entry.Name + (entry is DirectoryInfo ? "/" : ""))
                .ToList()
            : [];
        return Task.FromResult<IEnumerable<string>>(offered);
    }
}
