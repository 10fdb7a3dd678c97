namespace GpuActors.Actors.Serialization;

/// <summary>A message cannot be written or read.</summary>
public sealed class SerializationException(string message, Exception? innerException = null)
    : ActorException(message, innerException);
