namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>What a configuration may cost, so that no file can exhaust stack, memory or time.</summary>
public static class HoconLimits
{
    /// <summary>Objects and lists within each other, counting path keys such as <c>a.b.c</c>.</summary>
    public const int MaxDepth = 200;

    /// <summary>Size of one file in bytes.</summary>
    public const int MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>Files read for one document.</summary>
    public const int MaxIncludes = 256;

    /// <summary>Files that include each other in a row.</summary>
    public const int MaxIncludeDepth = 32;

    /// <summary>Characters and values of a resolved document, substitutions written out.</summary>
    public const long MaxWeight = 16 * 1024 * 1024;

    /// <summary>Fields and substitutions that resolving one document may visit.</summary>
    public const int MaxResolveSteps = 250_000;

    /// <summary>Substitutions that depend on each other in a row.</summary>
    public const int MaxResolveDepth = 1000;
}
