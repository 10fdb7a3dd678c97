using System.Runtime.InteropServices;

namespace GpuActors.Interception.Entries;

/// <summary>
/// The table through which the loader calls us: every object begins with its address. Each file of entry points puts
/// its own in; a place that nobody fills has a function that says that there is no such thing here.
/// </summary>
internal static unsafe class Dispatch
{
    /// <summary>Address of the table.</summary>
    public static readonly nint Table = Make();

    private static nint Make()
    {
        var table = (nint*)NativeMemory.AllocZeroed((nuint)Slot.Count, (nuint)sizeof(nint));
        UnsupportedEntries.Fill(table);
        PlatformEntries.Fill(table);
        DeviceEntries.Fill(table);
        ContextEntries.Fill(table);
        QueueEntries.Fill(table);
        EventEntries.Fill(table);
        ProgramEntries.Fill(table);
        KernelEntries.Fill(table);
        MemoryEntries.Fill(table);
        SamplerEntries.Fill(table);
        BufferTransferEntries.Fill(table);
        ImageTransferEntries.Fill(table);
        MapEntries.Fill(table);
        CopyEntries.Fill(table);
        return (nint)table;
    }
}
