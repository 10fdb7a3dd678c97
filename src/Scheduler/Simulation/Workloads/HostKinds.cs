using System.Globalization;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Simulation.Traces;
using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>Hosts that are named by the model of their GPUs rather than listed in a file.</summary>
public sealed record HostKinds
{
    private const int CpusPerGpu = 16;
    private const int GibibytesPerGpu = 256;
    private const int MaxHosts = 1_000_000;

    /// <summary>The models that names are looked up in.</summary>
    public required GpuModels Models { get; init; }

    /// <summary>GPUs of each host.</summary>
    public int GpusPerHost { get; init; } = 8;

    /// <summary>CPU cores of each host; null: 16 for each GPU.</summary>
    public int? CpusPerHost { get; init; }

    /// <summary>Memory of each host in bytes; null: 256 GiB for each GPU.</summary>
    public long? MemoryBytesPerHost { get; init; }

    /// <summary>
    /// The model that a name means: the one of that name, or the only one whose name begins so.
    /// </summary>
    /// <exception cref="SimulationInputException">There is none, or several; the message lists them.</exception>
    public GpuModel ModelNamed(string name)
    {
        if (Models.Find(name) is { IsGeneric: false } exact)
        {
            return exact;
        }

        var meant = Models.All.Where(m => !m.IsGeneric && m.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return meant.Length == 1 ? meant[0] : throw new SimulationInputException(
            meant.Length == 0
                ? $"There is no GPU model '{name}'; there are {Names(Models.All.Where(model => !model.IsGeneric))}."
                : $"'{name}' may be {Names(meant)}; give more of the name.");
    }

    /// <summary>A host with GPUs of a model.</summary>
    public HostSpec HostOf(string model) => new(
        1000 * (CpusPerHost ?? (CpusPerGpu * GpusPerHost)),
        (int)Math.Min(int.MaxValue, (MemoryBytesPerHost ?? ((long)GibibytesPerGpu << 30) * GpusPerHost) >> 20),
        GpusPerHost,
        model);

    /// <summary>Reads <c>8xH100,2xA30</c>.</summary>
    /// <exception cref="SimulationInputException">It is not like that.</exception>
    public IReadOnlyList<HostSpec> Read(string text)
    {
        var hosts = new List<HostSpec>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var times = part.IndexOf('x', StringComparison.OrdinalIgnoreCase);
            if (times < 1
                || !int.TryParse(part.AsSpan(0, times), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count is < 1 or > MaxHosts)
            {
                throw new SimulationInputException(
                    $"'{part}' is not COUNTxMODEL, such as 8xH100-SXM5-80GB, with a count from 1 to {MaxHosts}.");
            }

            hosts.AddRange(Enumerable.Repeat(HostOf(ModelNamed(part[(times + 1)..]).Name), count));
        }

        return hosts.Count > 0 ? hosts : throw new SimulationInputException("There must be at least one host.");
    }

    /// <summary>Reads a CSV of nodes.</summary>
    /// <exception cref="SimulationInputException">It cannot be read, or a line is wrong.</exception>
    public static IReadOnlyList<HostSpec> ReadFile(string path) => InputFiles.Read(path, () =>
    {
        var hosts = OpenbTrace.ReadNodes(path);
        return hosts.Any(host => host.GpuCount > 0)
            ? hosts.Select(host => host.Spec).ToArray()
            : throw new SimulationInputException($"{path} has no host with a GPU.");
    });

    private static string Names(IEnumerable<GpuModel> models) => string.Join(", ", models.Select(model => model.Name));
}
