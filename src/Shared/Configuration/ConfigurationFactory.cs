namespace GpuActors.Shared.Configuration;

/// <summary>The short ways to a resolved <see cref="Config"/>.</summary>
public static class ConfigurationFactory
{
    private static readonly Lazy<HoconDocument> ReferenceDocument = new(ReadReference);

    /// <summary>hocon/reference.conf, which is part of this assembly: every setting with its default.</summary>
    public static HoconDocument Reference => ReferenceDocument.Value;

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

    /// <summary>
    /// What a program runs with: the reference, over it the files in order, over them the overrides in order. Checked
    /// against the reference, so that no setting is mistyped or unknown.
    /// </summary>
    /// <param name="files">Configuration files.</param>
    /// <param name="overrides">HOCON texts, such as <c>gpuactors.worker.slots = 4</c> from the command line.</param>
    /// <param name="environment">The value of an environment variable, or null; the process's when left out.</param>
    /// <exception cref="ConfigException">A file is missing or not HOCON, or has a mistake.</exception>
    public static Config Load(
        IEnumerable<string> files,
        IEnumerable<string>? overrides = null,
        Func<string, string?>? environment = null)
    {
        var document = Reference;
        foreach (string file in files)
        {
            document = HoconParser.ParseFile(file).WithFallback(document);
        }

        foreach (string text in overrides ?? [])
        {
            document = HoconParser.ParseString(text, $"option {text}", Environment.CurrentDirectory).WithFallback(document);
        }

        var config = document.Resolve(environment);
        ConfigCheck.Demand(config, Reference.Resolve(environment));
        return config;
    }

    private static HoconDocument ReadReference()
    {
        const string name = "reference.conf";
        using var stream = typeof(ConfigurationFactory).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing in this assembly.");
        using var text = new StreamReader(stream);
        return HoconParser.ParseString(text.ReadToEnd(), name);
    }
}
