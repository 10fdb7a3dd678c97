using System.Text.Json.Serialization;

namespace GpuActors.Shared.Devices;

/// <summary>How much of the compute that nobody has reserved a slice gets: 4 : 2 : 1, as vSphere's shares.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShareLevel>))]
public enum ShareLevel
{
    /// <summary>1 part.</summary>
    [JsonStringEnumMemberName("low")]
    Low = 1,

    /// <summary>2 parts.</summary>
    [JsonStringEnumMemberName("normal")]
    Normal = 2,

    /// <summary>4 parts.</summary>
    [JsonStringEnumMemberName("high")]
    High = 4,
}
