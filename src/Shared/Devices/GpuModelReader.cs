using System.Globalization;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Shared.Devices;

/// <summary>
/// Reads models from HOCON of the shape of <c>models.conf</c>, and refuses what contradicts itself: an error names the
/// setting, its file and line, and what would be right.
/// </summary>
internal static class GpuModelReader
{
    private const int UnitsMax = 100_000;
    private const int FunctionsMax = 256;
    private const long MemoryMax = 1L << 50;

    /// <summary>A document of models has these two keys and no others.</summary>
    /// <exception cref="ConfigException">It has.</exception>
    public static void RefuseOtherKeys(Config config) => Allow(config, "models", "regions");

    /// <summary>Reads the list <c>models</c>; regions of mixed sizes come from <paramref name="regions"/>.</summary>
    /// <exception cref="ConfigException">A model is wrong.</exception>
    public static IReadOnlyList<GpuModel> ReadAll(Config models, Config regions)
    {
        var all = new List<GpuModel>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var config in models.GetConfigList("models"))
        {
            var model = Read(new SettingsReader(config), regions);
            if (!names.Add(model.Name))
            {
                throw config.Wrong("name", "a name that no other model has");
            }

            all.Add(model);
        }

        return all;
    }

    private static GpuModel Read(SettingsReader section, Config regions)
    {
        Allow(
            section.Config, "name", "vendor", "drivers", "memory", "units", "compute-capability", "functions", "mig", "vgpu");
        var model = new GpuModel
        {
            Name = section.Required("name"),
            Vendor = section.Required("vendor"),
            Drivers = section.Texts("drivers"),
            MemoryBytes = section.Has("memory") ? section.Bytes("memory", 1, MemoryMax) : null,
            ComputeUnits = section.Has("units") ? section.Number("units", 1, UnitsMax) : null,
            ComputeCapability = CapabilityOf(section),
            Functions = section.Has("functions") ? section.Number("functions", 0, FunctionsMax) : 0,
        };
        return model with
        {
            Mig = section.Has("mig") ? ReadMig(section.Section("mig"), model) : null,
            Vgpu = section.Has("vgpu") ? ReadVgpu(section.Section("vgpu"), model, regions) : null,
        };
    }

    private static Version? CapabilityOf(SettingsReader section)
    {
        const string path = "compute-capability";
        return !section.Has(path) ? null
            : Version.TryParse(section.Text(path), out var version) ? version
            : throw section.Wrong(path, "a version such as \"8.0\"");
    }

    private static MemoryLine ReadMig(SettingsReader section, GpuModel model)
    {
        Allow(section.Config, "width", "profiles");
        var width = section.Number("width", 1, MemoryLine.WidthMax);
        var profiles = new List<SliceProfile>();
        foreach (var config in section.Config.GetConfigList("profiles"))
        {
            profiles.Add(ReadMigProfile(new SettingsReader(config), model, width, profiles));
        }

        return profiles.Count > 0
            ? new MemoryLine(width, profiles)
            : throw section.Wrong("profiles", "at least one profile");
    }

    private static SliceProfile ReadMigProfile(
        SettingsReader section, GpuModel model, int width, IReadOnlyList<SliceProfile> others)
    {
        Allow(
            section.Config, "id", "name", "size", "starts", "max", "compute", "units", "memory", "copy", "decode", "jpeg",
            "ofa");
        var size = section.Number("size", 1, width);
        var starts = StartsOf(section, size, width, mayOverlap: true);
        return new SliceProfile
        {
            Kind = SliceKind.Mig,
            Id = Unused(section, "id", section.Number("id", 0), others.Select(other => other.Id)),
            Name = Unused(section, "name", section.Required("name"), others.Select(other => other.Name)),
            Size = size,
            Starts = starts,
            Max = section.Number("max", 1, starts.Length),
            ComputeSlices = section.Number("compute", 1, width),
            ComputeUnits = section.Number("units", 1, model.ComputeUnits ?? UnitsMax),
            MemoryBytes = section.Bytes("memory", 1, model.MemoryBytes ?? MemoryMax),
            Engines = new MigEngines(
                section.Number("copy", 0), section.Number("decode", 0), section.Number("jpeg", 0),
                section.Number("ofa", 0)),
        };
    }

    private static VgpuTypes ReadVgpu(SettingsReader section, GpuModel model, Config regions)
    {
        Allow(section.Config, "board", "region", "types");
        var board = section.Required("board");
        var region = section.Has("region") ? section.Number("region", 1, MemoryLine.WidthMax) : 0;
        var places = region > 0 ? RegionOf(section, regions, region) : null;
        var types = new List<SliceProfile>();
        foreach (var config in section.Config.GetConfigList("types"))
        {
            types.Add(ReadType(new SettingsReader(config), board, model, places, types));
        }

        return new VgpuTypes
        {
            Board = board,
            Types = types,
            Mixed = places is null ? null : new MemoryLine(region, types),
        };
    }

    private static SliceProfile ReadType(
        SettingsReader section,
        string board,
        GpuModel model,
        Dictionary<int, IReadOnlyList<int>>? places,
        IReadOnlyList<SliceProfile> others)
    {
        Allow(section.Config, "name", "memory", "max", "size");
        var memory = section.Bytes("memory", 1, model.MemoryBytes ?? MemoryMax);
        var size = places is null ? 0 : section.Number("size", 1);
        if (places?.ContainsKey(size) == false)
        {
            throw section.Wrong("size", $"a size of the region ({string.Join(", ", places.Keys)})");
        }

        var most = model.MemoryBytes is { } all ? (int)Math.Min(int.MaxValue, all / memory) : int.MaxValue;
        return new SliceProfile
        {
            Kind = SliceKind.Vgpu,
            Name = Unused(section, "name", $"{board}-{section.Required("name")}", others.Select(other => other.Name)),
            MemoryBytes = memory,
            Max = section.Number("max", 1, most),
            Size = size,
            Starts = places?[size] ?? [],
        };
    }

    /// <summary>Starts by size.</summary>
    private static Dictionary<int, IReadOnlyList<int>> RegionOf(SettingsReader section, Config regions, int region)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"regions.{region}");
        if (!regions.HasPath(path))
        {
            throw section.Wrong("region", "one of the regions that there are");
        }

        var places = new Dictionary<int, IReadOnlyList<int>>();
        foreach (var config in regions.GetConfigList(path))
        {
            var reader = new SettingsReader(config);
            Allow(config, "size", "starts");
            var size = reader.Number("size", 1, region);
            if (!places.TryAdd(size, StartsOf(reader, size, region, mayOverlap: false)))
            {
                throw reader.Wrong("size", "a size that the region does not have yet");
            }
        }

        return places;
    }

    private static int[] StartsOf(SettingsReader section, int size, int width, bool mayOverlap)
    {
        var starts = section.Config.GetStringList("starts").Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start + size <= width
                ? start
                : throw section.Wrong("starts", $"a list of numbers from 0 to {width - size}")).ToArray();
        var apart = mayOverlap ? 1 : size;
        for (var i = 1; i < starts.Length; i++)
        {
            if (starts[i] - starts[i - 1] < apart)
            {
                throw section.Wrong("starts", $"an ascending list of numbers that are at least {apart} apart");
            }
        }

        return starts.Length > 0 ? starts : throw section.Wrong("starts", "a list with at least one number");
    }

    private static T Unused<T>(SettingsReader section, string path, T value, IEnumerable<T> used) =>
        used.Contains(value) ? throw section.Wrong(path, $"a {path} that is not used yet ({value} is)") : value;

    private static void Allow(Config config, params ReadOnlySpan<string> keys)
    {
        foreach (var (key, value) in config.Root.Fields)
        {
            if (!keys.Contains(key))
            {
                throw new ConfigException(
                    $"{key} ({value.Origin}) is not known here; known are {string.Join(", ", keys!)}.", value.Origin);
            }
        }
    }
}
