namespace GpuActors.Actors.Remoting.Wire;

/// <summary>A message does not fit a frame.</summary>
sealed class FrameTooLongException(int maxBytes)
    : IOException($"longer than the {maxBytes:N0} bytes that a remote message may have (RemoteSettings.MaxFrameBytes)");
