namespace GpuActors.Shared.Configuration;

/// <summary>
/// A setting is missing, of the wrong type, out of its range or unknown. The message names the setting, where it was
/// written and what would be right.
/// </summary>
public class ConfigException : Exception
{
    /// <summary>An error that belongs to the value written at <paramref name="origin"/>, if it is known.</summary>
    public ConfigException(string message, ConfigOrigin? origin = null, Exception? inner = null)
        : base(message, inner) => Origin = origin;

    /// <summary>Where the value was written; null when nothing was.</summary>
    public ConfigOrigin? Origin { get; }
}

/// <summary>A text is not HOCON, or its substitutions cannot be resolved.</summary>
public class HoconException(string message, ConfigOrigin origin, Exception? inner = null)
    : ConfigException($"{origin}: {message}", origin, inner)
{
    /// <summary>The file, or <c>text</c>.</summary>
    public override string? Source { get => origin.Source; set => base.Source = value; }

    /// <summary>From 1; 0 when the source has no lines.</summary>
    public int Line => origin.Line;

    /// <summary>In UTF-16 units, from 1; 0 when the source has no lines.</summary>
    public int Column => origin.Column;

    /// <summary>The message without the location.</summary>
    public string Sentence { get; } = message;
}
