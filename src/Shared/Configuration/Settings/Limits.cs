namespace GpuActors.Shared.Configuration.Settings;

/// <summary>Bounds that several settings share.</summary>
internal static class Limits
{
    public const long Kibibyte = 1024;

    public const long Mebibyte = 1024 * Kibibyte;

    public const long Gibibyte = 1024 * Mebibyte;

    /// <summary>The shortest time that a timer is set to.</summary>
    public static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
}
