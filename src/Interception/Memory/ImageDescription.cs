using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary><c>cl_image_desc</c>, as it lies in the program's memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ImageDescription(
    MemObjectType Type, ulong Width, ulong Height, ulong Depth, ulong ArraySize, ulong RowPitch, ulong SlicePitch,
    uint MipLevels, uint Samples, nint Memory)
{
    /// <summary>Pixels in each dimension; an array's index is the dimension after the image's own.</summary>
    public WorkSize Extent => Type switch
    {
        MemObjectType.Image1DArray => new WorkSize(Width, ArraySize),
        MemObjectType.Image2D => new WorkSize(Width, Height),
        MemObjectType.Image2DArray => new WorkSize(Width, Height, ArraySize),
        MemObjectType.Image3D => new WorkSize(Width, Height, Depth),
        _ => new WorkSize(Width),
    };

    /// <summary>Whether the kind has slices, with a pitch of their own.</summary>
    public bool HasSlices =>
        Type is MemObjectType.Image1DArray or MemObjectType.Image2DArray or MemObjectType.Image3D;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => Type is MemObjectType.Image1DArray or MemObjectType.Image2DArray;

    /// <summary>As it crosses the wire, without the memory that it may lie in.</summary>
    public ImageShape OnWire
    {
        get
        {
            bool hasRows = Type is MemObjectType.Image2D or MemObjectType.Image2DArray or MemObjectType.Image3D;
            var size = new WorkSize(Width, hasRows ? Height : 1, Type == MemObjectType.Image3D ? Depth : 1);
            return new ImageShape(Type, size, IsArray ? ArraySize : 0);
        }
    }

    /// <summary>What can be said without devices.</summary>
    /// <exception cref="ClFailure">It describes no image.</exception>
    public void Check()
    {
        WorkSize extent = Extent;
        ClFailure.Unless(
            Type is >= MemObjectType.Image2D and <= MemObjectType.Image1DBuffer && MipLevels == 0 && Samples == 0,
            ClCodes.InvalidImageDescriptor);
        ClFailure.Unless(extent is { X: > 0, Y: > 0, Z: > 0 }, OpenClErrors.InvalidImageSize);
        ClFailure.Unless(
            Memory != 0
                ? Type is MemObjectType.Image1DBuffer or MemObjectType.Image2D
                : Type != MemObjectType.Image1DBuffer,
            ClCodes.InvalidImageDescriptor);
    }

    /// <summary>Whether a device can have such an image.</summary>
    public bool Fits(ClDevice device)
    {
        ulong Limit(uint name) => device.Number<ulong>(name);
        bool isSmall = Type switch
        {
            MemObjectType.Image1DBuffer => Width <= Limit(MemoryNames.DeviceImageMaxBufferSize),
            MemObjectType.Image3D => Width <= Limit(MemoryNames.DeviceImage3DMaxWidth)
                && Height <= Limit(MemoryNames.DeviceImage3DMaxHeight) && Depth <= Limit(MemoryNames.DeviceImage3DMaxDepth),
            MemObjectType.Image2D or MemObjectType.Image2DArray => Width <= Limit(MemoryNames.DeviceImage2DMaxWidth)
                && Height <= Limit(MemoryNames.DeviceImage2DMaxHeight),
            _ => Width <= Limit(MemoryNames.DeviceImage2DMaxWidth),
        };
        return isSmall && (!IsArray || ArraySize <= Limit(MemoryNames.DeviceImageMaxArraySize));
    }

    /// <summary>The pitches of the program's own pixels, with what it left out.</summary>
    /// <exception cref="ClFailure">They are too small, or given without pixels.</exception>
    public ImagePitches HostPitches(uint pixelBytes, bool hasHostPixels)
    {
        ClFailure.Unless(hasHostPixels || (RowPitch == 0 && SlicePitch == 0), ClCodes.InvalidImageDescriptor);
        return ImagePitches.Of(Type, Extent, pixelBytes, RowPitch, SlicePitch)
            ?? throw new ClFailure(ClCodes.InvalidImageDescriptor);
    }
}
