using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// The object ids of a job's session. They follow from the plan alone, so the same document makes the same commands,
/// which is what replaying it stands on. An id is free again once its object is released.
/// </summary>
internal sealed class JobObjects(JobPlan plan)
{
    private const ulong FirstProgram = 16;

    private readonly Dictionary<(int Program, string Kernel), ulong> _kernels = [];

    public static ulong Context => 1;

    public static ulong Queue => 2;

    public ulong Program(int number) => FirstProgram + (ulong)number;

    public ulong Memory(PlannedMemory memory) => FirstProgram + (ulong)plan.Programs.Length + (ulong)memory.Slot;

    /// <summary>The kernel's id; <paramref name="isNew"/>: it was not asked for before.</summary>
    public ulong Kernel(int program, string name, out bool isNew)
    {
        isNew = !_kernels.TryGetValue((program, name), out var id);
        if (isNew)
        {
            id = FirstProgram + (ulong)plan.Programs.Length + (ulong)plan.MemorySlots + (ulong)_kernels.Count;
            _kernels.Add((program, name), id);
        }

        return id;
    }
}
