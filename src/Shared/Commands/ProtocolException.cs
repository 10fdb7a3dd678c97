namespace GpuActors.Shared.Commands;

/// <summary>
/// The peer sent bytes that are not this protocol, or a command was built that the protocol cannot carry. The
/// message says which frame, which field, and what would be right. A connection that threw it on reading is dead:
/// where the next frame starts is no longer known.
/// </summary>
public sealed class ProtocolException(string message) : IOException(message);
