using System.Runtime.InteropServices;

namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// One host in the flat array. Hosts are looked at one here, one there (whichever changed), so all that feasibility and
/// most scores need of one lies together in half a cache line.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HostRecord
{
    public int CpuFreeMilli;
    public int CpuMilli;
    public int MemoryFreeMib;
    public int FirstGpu;
    public int GpuFreeMilli;
    public ushort Model;
    public short LargestFreeMilli;
    public byte GpuCount;
    public byte IdleGpus;
    public TaskKinds Kinds;
    public byte HostShape;
    public bool IsOpen;
}
