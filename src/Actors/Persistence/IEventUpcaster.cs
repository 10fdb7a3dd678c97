namespace GpuActors.Actors.Persistence;

/// <summary>Brings what an older version stored into the form that this version reads.</summary>
public interface IEventUpcaster
{
    /// <summary>
    /// Gets manifest and JSON (in UTF-8) of a stored event or snapshot and returns those to read instead, or the same
    /// where there is nothing to change. Runs on many threads at once.
    /// </summary>
    StoredMessage Upcast(StoredMessage stored);
}

/// <summary>An event or snapshot as it is stored.</summary>
/// <param name="Manifest">Type and version.</param>
/// <param name="Json">Content, UTF-8.</param>
public readonly record struct StoredMessage(string Manifest, ReadOnlyMemory<byte> Json);
