using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

/// <summary><c>cl_image_format</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClImageFormat
{
    public uint Order;
    public uint Type;
}

/// <summary><c>cl_image_desc</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClImageDescription
{
    public uint Type;
    public nuint Width;
    public nuint Height;
    public nuint Depth;
    public nuint ArraySize;
    public nuint RowPitch;
    public nuint SlicePitch;
    public uint MipLevels;
    public uint Samples;
    public nint Memory;
}
