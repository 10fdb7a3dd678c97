namespace GpuActors.Worker.Nvml;

/// <summary>A GPU can't have a MIG layout or mode. The message says what was wrong and what would be right.</summary>
public sealed class MigLayoutException(string message, Exception? inner = null) : Exception(message, inner);
