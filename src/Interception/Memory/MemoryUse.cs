using GpuActors.Interception.Objects;

namespace GpuActors.Interception.Memory;

/// <summary>What a command does with a memory object.</summary>
internal enum MemoryAccess
{
    /// <summary>It needs the content.</summary>
    Read,

    /// <summary>It needs the content, and changes it or a part of it.</summary>
    Write,

    /// <summary>It gives every byte a new value, whatever was there.</summary>
    Overwrite,
}

/// <summary>A memory object that a command uses, and how.</summary>
internal readonly record struct MemoryUse(ClMemory Memory, MemoryAccess Access)
{
    public static MemoryUse Read(ClMemory memory) => new(memory, MemoryAccess.Read);

    /// <param name="memory">What is written.</param>
    /// <param name="isWhole">Whether every byte of it is.</param>
    public static MemoryUse Write(ClMemory memory, bool isWhole = false) =>
        new(memory, isWhole ? MemoryAccess.Overwrite : MemoryAccess.Write);
}
