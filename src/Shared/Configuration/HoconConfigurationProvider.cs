using Microsoft.Extensions.Configuration;

namespace GpuActors.Shared.Configuration;

/// <summary>Adds HOCON to what <see cref="IConfiguration"/> reads.</summary>
public static class HoconConfigurationExtensions
{
    /// <summary>Adds a file: the value at <c>a.b</c> has the key <c>a:b</c>, list elements are numbered from 0.</summary>
    /// <exception cref="HoconException">It is not HOCON, or it does not exist and is not optional.</exception>
    public static IConfigurationBuilder AddHoconFile(
        this IConfigurationBuilder builder, string path, bool optional = false) =>
        optional && !File.Exists(path) ? builder : builder.AddHocon(ConfigurationFactory.ParseFile(path));

    /// <summary>Adds a configuration that is already loaded.</summary>
    public static IConfigurationBuilder AddHocon(this IConfigurationBuilder builder, Config config) =>
        builder.Add(new Source(config));

    private sealed class Source(Config config) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(config);
    }

    private sealed class Provider(Config config) : ConfigurationProvider
    {
        public override void Load()
        {
            Data.Clear();
            Add("", config.Root);
        }

        public override string ToString() => $"HOCON from {config.Root.Origin}";

        private void Add(string key, ConfigValue value)
        {
            switch (value)
            {
                case ConfigObject o:
                    foreach (var (name, field) in o.Fields)
                    {
                        Add(Below(key, name), field);
                    }

                    break;
                case ConfigList list:
                    for (int i = 0; i < list.Items.Count; i++)
                    {
                        Add(Below(key, $"{i}"), list.Items[i]);
                    }

                    break;
                case ConfigScalar scalar:
                    Data[key] = scalar.Kind == ConfigKind.Null ? null : scalar.Text;
                    break;
            }
        }

        private static string Below(string key, string name) =>
            key.Length == 0 ? name : ConfigurationPath.Combine(key, name);
    }
}
