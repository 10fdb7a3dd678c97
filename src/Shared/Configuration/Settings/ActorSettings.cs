namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.actors</c>.</summary>
public sealed record ActorSettings(int Throughput, TimeSpan AskTimeout, int StashCapacity, int LogDeadLetters)
{
    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    public static ActorSettings From(Config config)
    {
        var section = new SettingsReader(config).Section("gpuactors.actors");
        return new ActorSettings(
            section.Number("throughput", 1, 1_000_000),
            section.Time("ask-timeout", Limits.Instant, TimeSpan.FromHours(1)),
            section.Number("stash-capacity", 1, 10_000_000),
            section.Number("log-dead-letters", 0));
    }
}
