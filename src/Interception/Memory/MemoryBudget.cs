using System.Runtime.CompilerServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>
/// Bytes of a slice's memory that live objects have: the executor counts the same, so a creation that is beyond the
/// slice fails at once, although nobody waits for the executor's word.
/// </summary>
internal sealed class MemoryBudget
{
    private static readonly ConditionalWeakTable<CommandStream, MemoryBudget> Budgets = [];

    private readonly ulong _limit;
    private ulong _used;

    private MemoryBudget(CommandStream stream) => _limit = stream.Welcome.Devices[0].MemoryBytes;

    /// <summary>The stream's.</summary>
    public static MemoryBudget Of(CommandStream stream) => Budgets.GetValue(stream, static key => new MemoryBudget(key));

    /// <summary>A new object has so many bytes.</summary>
    /// <exception cref="ClFailure">The slice has no room for it.</exception>
    public void Take(ulong bytes)
    {
        lock (this)
        {
            ClFailure.Unless(bytes <= _limit && _used <= _limit - bytes, OpenClErrors.MemObjectAllocationFailure);
            _used += bytes;
        }
    }

    /// <summary>An object of so many bytes is gone.</summary>
    public void Give(ulong bytes)
    {
        lock (this)
            _used -= bytes;
    }
}
