using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Devices;

/// <summary>The GPU models that are known: those of <c>models.conf</c>, and those that an operator adds.</summary>
public sealed class GpuModels
{
    private const string Resource = "models.conf";

    private static readonly Lazy<GpuModels> BuiltInModels = new(() => new GpuModels(ReadBuiltIn()));

    private readonly Dictionary<string, GpuModel> _byName;

    private GpuModels(IReadOnlyList<GpuModel> models)
    {
        All = models;
        _byName = models.ToDictionary(model => model.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Those that come with the program.</summary>
    public static GpuModels BuiltIn => BuiltInModels.Value;

    /// <summary>Every model; the last one, <c>generic</c>, matches all devices.</summary>
    public IReadOnlyList<GpuModel> All { get; }

    /// <summary>These and those of <paramref name="config"/>, the shape of which is that of <c>models.conf</c>: a list
    /// <c>models</c> and, for vGPU types of mixed sizes, <c>regions</c>. One of the same name takes the place of the
    /// former.</summary>
    /// <exception cref="ConfigException">A model contradicts itself; names the line.</exception>
    public GpuModels With(Config config)
    {
        GpuModelReader.RefuseOtherKeys(config);
        return WithModelsIn(config);
    }

    /// <summary>Those that come with the program and those that an operator adds: <c>gpuactors.models</c>, with
    /// <c>gpuactors.regions</c>.</summary>
    /// <param name="config">A whole configuration.</param>
    /// <exception cref="ConfigException">A model contradicts itself; names the line.</exception>
    public static GpuModels From(Config config) => BuiltIn.WithModelsIn(config.GetConfig("gpuactors"));

    private GpuModels WithModelsIn(Config config)
    {
        var added = GpuModelReader.ReadAll(config, config.WithFallback(LoadBuiltIn()));
        var names = added.Select(model => model.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new GpuModels([.. added, .. All.Where(model => !names.Contains(model.Name))]);
    }

    /// <summary>The model of that name; null if there is none.</summary>
    public GpuModel? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The model that a driver's name for a device says; <c>generic</c> if none does.</summary>
    public GpuModel Recognize(string deviceName) =>
        All.FirstOrDefault(model => model.Matches(deviceName)) ?? _byName[GpuModel.GenericName];

    private static IReadOnlyList<GpuModel> ReadBuiltIn()
    {
        var config = LoadBuiltIn();
        GpuModelReader.RefuseOtherKeys(config);
        return GpuModelReader.ReadAll(config, config);
    }

    private static Config LoadBuiltIn()
    {
        using var stream = typeof(GpuModels).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not part of the program.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd(), Resource);
    }
}
