namespace GpuActors.Actors.TestKit;

/// <summary>An expectation was not met.</summary>
public sealed class TestKitException(string message, Exception? innerException = null)
    : Exception(message, innerException);
