using GpuActors.Shared.Configuration.Hocon;

namespace GpuActors.Shared.Configuration;

/// <summary>A parsed text whose substitutions are still open, so that it can be put over others first.</summary>
public sealed class HoconDocument
{
    private readonly ObjectNode _root;

    internal HoconDocument(ObjectNode root) => _root = root;

    /// <summary>A document as if <paramref name="fallback"/>'s text stood before this one's.</summary>
    public HoconDocument WithFallback(HoconDocument fallback)
    {
        var merged = fallback._root.Copy();
        merged.DefineAll(_root.Copy());
        return new HoconDocument(merged);
    }

    /// <summary>Resolves all substitutions: in the document, then in the environment.</summary>
    /// <param name="environment">The value of an environment variable, or null; the process's when left out.</param>
    /// <exception cref="HoconException">One that is required has no value, or they form a circle.</exception>
    public Config Resolve(Func<string, string?>? environment = null) =>
        new(new Resolver(_root, environment ?? Environment.GetEnvironmentVariable).Resolve());
}
