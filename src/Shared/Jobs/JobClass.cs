using System.Text.Json.Serialization;

namespace GpuActors.Shared.Jobs;

/// <summary>What a job may expect of the queue.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobClass>))]
public enum JobClass
{
    /// <summary>Its turn comes by priority and fair share, and what it got it keeps, but for what preemption may take.</summary>
    [JsonStringEnumMemberName("normal")]
    Normal,

    /// <summary>Uses what nobody else wants, counts for nobody's share, and yields to every normal job.</summary>
    [JsonStringEnumMemberName("scavenger")]
    Scavenger,
}
