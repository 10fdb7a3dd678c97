using System.Text.Json.Serialization;

namespace GpuActors.Shared.Messages;

/// <summary>What a worker tells of its host beside GPUs.</summary>
/// <param name="CpuMilli">CPU that jobs may take, in thousandths of a core; 0: not known, and no job gets any.</param>
/// <param name="MemoryBytes">Memory of the host that jobs may take; 0: not known.</param>
/// <param name="Rack">Where it stands; empty: nobody says.</param>
/// <param name="Labels">Further labels, <c>KEY=VALUE</c>.</param>
/// <param name="Gateway">Where programs' connections go, <c>HOST:PORT</c>; null: it runs no interactive sessions, or does not tell.</param>
public sealed record HostInventory(
    int CpuMilli, long MemoryBytes, string Rack, string[] Labels,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gateway = null)
{
    /// <summary>Nothing is known of the host, as of one whose worker is of an older version.</summary>
    public static HostInventory Unknown { get; } = new(0, 0, "", []);
}
