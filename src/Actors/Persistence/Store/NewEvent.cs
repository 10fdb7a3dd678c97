namespace GpuActors.Actors.Persistence.Store;

/// <summary>One event to append.</summary>
/// <param name="Manifest">Names the payload's type and version, as the serializer needs it to read the event.</param>
/// <param name="Payload">JSON in UTF-8, at most <see cref="StoreLimits.MaxEventBytes"/>; must not change afterwards.</param>
public sealed record NewEvent(string Manifest, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Tags under which <see cref="IEventStore.ReadEventsByTagAsync"/> finds the event.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
