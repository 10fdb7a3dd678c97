namespace GpuActors.Shared.Configuration;

/// <summary>The short ways to a resolved <see cref="Config"/>.</summary>
public static class ConfigurationFactory
{
    /// <summary>Parses and resolves a text.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="source">Its name in messages.</param>
    /// <param name="environment">The value of an environment variable, or null; the process's when left out.</param>
    /// <exception cref="HoconException">It is not HOCON, or a substitution cannot be resolved.</exception>
    public static Config ParseString(
        string text, string source = "text", Func<string, string?>? environment = null) =>
        HoconParser.ParseString(text, source).Resolve(environment);

    /// <summary>Parses and resolves a file with what it includes, without defaults.</summary>
    /// <exception cref="HoconException">It is not HOCON, or a substitution cannot be resolved.</exception>
    public static Config ParseFile(string path, Func<string, string?>? environment = null) =>
        HoconParser.ParseFile(path).Resolve(environment);
}
