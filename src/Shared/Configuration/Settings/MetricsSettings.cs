namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.metrics</c>.</summary>
/// <param name="MaxSeries">Label sets that one metric shows.</param>
public sealed record MetricsSettings(int MaxSeries)
{
    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static MetricsSettings From(Config config) =>
        new(new SettingsReader(config).Section("gpuactors.metrics").Number("max-series", 1, 1_000_000));
}

/// <summary><c>gpuactors.worker.metrics</c>: where a worker shows its metrics.</summary>
/// <param name="Enabled">Whether it does.</param>
/// <param name="Host">Address to listen on.</param>
/// <param name="Port">Port to listen on; 0 picks a free one.</param>
public sealed record MetricsHttpSettings(bool Enabled, string Host, int Port)
{
    internal static MetricsHttpSettings From(SettingsReader section) =>
        new(section.Flag("enabled"), section.Required("host"), section.Port("port"));
}
