using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points that make, describe and release buffers and images.</summary>
internal static unsafe class MemoryEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateBuffer] = (nint)(delegate* unmanaged<nint, ulong, nuint, void*, int*, nint>)&CreateBuffer;
        table[(int)Slot.CreateBufferWithProperties] =
            (nint)(delegate* unmanaged<nint, ulong*, ulong, nuint, void*, int*, nint>)&CreateBufferWithProperties;
        table[(int)Slot.CreateSubBuffer] = (nint)(delegate* unmanaged<nint, ulong, uint, nuint*, int*, nint>)&CreateSubBuffer;
        table[(int)Slot.CreateImage] =
            (nint)(delegate* unmanaged<nint, ulong, PixelFormat*, ImageDescription*, void*, int*, nint>)&CreateImage;
        table[(int)Slot.CreateImageWithProperties] =
            (nint)(delegate* unmanaged<nint, ulong*, ulong, PixelFormat*, ImageDescription*, void*, int*, nint>)
            &CreateImageWithProperties;
        table[(int)Slot.CreateImage2D] =
            (nint)(delegate* unmanaged<nint, ulong, PixelFormat*, nuint, nuint, nuint, void*, int*, nint>)&CreateImage2D;
        table[(int)Slot.CreateImage3D] =
            (nint)(delegate* unmanaged<nint, ulong, PixelFormat*, nuint, nuint, nuint, nuint, nuint, void*, int*, nint>)
            &CreateImage3D;
        table[(int)Slot.RetainMemObject] = (nint)(delegate* unmanaged<nint, int>)&Retain;
        table[(int)Slot.ReleaseMemObject] = (nint)(delegate* unmanaged<nint, int>)&Release;
        table[(int)Slot.GetMemObjectInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetInfo;
        table[(int)Slot.GetImageInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetImageInfo;
        table[(int)Slot.GetSupportedImageFormats] =
            (nint)(delegate* unmanaged<nint, ulong, uint, uint, PixelFormat*, uint*, int>)&GetFormats;
        table[(int)Slot.SetMemObjectDestructorCallback] = (nint)(delegate* unmanaged<nint, nint, nint, int>)&SetDestructor;
    }

    [UnmanagedCallersOnly]
    private static nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* code)
    {
        try
        {
            return Outcome.Created(ClBuffer.Create(HandleTable.Get<ClContext>(context), flags, size, host, []), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateBufferWithProperties(
        nint context, ulong* properties, ulong flags, nuint size, void* host, int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            return Outcome.Created(ClBuffer.Create(owner, flags, size, host, ReadProperties(properties)), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateSubBuffer(nint buffer, ulong flags, uint type, nuint* region, int* code)
    {
        try
        {
            ClBuffer whole = HandleTable.Get<ClBuffer>(buffer);
            ClFailure.Unless(type == MemoryNames.RegionOfBuffer && region is not null, OpenClErrors.InvalidValue);
            return Outcome.Created(whole.CreatePart(flags, region[0], region[1]), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateImage(
        nint context, ulong flags, PixelFormat* format, ImageDescription* description, void* host, int* code)
    {
        try
        {
            return MakeImage(context, null, flags, format, description, host, code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateImageWithProperties(
        nint context, ulong* properties, ulong flags, PixelFormat* format, ImageDescription* description, void* host,
        int* code)
    {
        try
        {
            return MakeImage(context, properties, flags, format, description, host, code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateImage2D(
        nint context, ulong flags, PixelFormat* format, nuint width, nuint height, nuint rowPitch, void* host, int* code)
    {
        try
        {
            var description = new ImageDescription(
                MemObjectType.Image2D, width, height, 1, 0, rowPitch, 0, 0, 0, 0);
            return MakeImage(context, null, flags, format, &description, host, code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(AsImageSize(exception), code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateImage3D(
        nint context, ulong flags, PixelFormat* format, nuint width, nuint height, nuint depth, nuint rowPitch,
        nuint slicePitch, void* host, int* code)
    {
        try
        {
            var description = new ImageDescription(
                MemObjectType.Image3D, width, height, depth, 0, rowPitch, slicePitch, 0, 0, 0);
            return MakeImage(context, null, flags, format, &description, host, code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(AsImageSize(exception), code);
        }
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint memory) => Outcome.Retained<ClMemory>(memory);

    [UnmanagedCallersOnly]
    private static int Release(nint memory) => Outcome.Released<ClMemory>(memory);

    [UnmanagedCallersOnly]
    private static int GetInfo(nint memory, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClMemory>(memory).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetImageInfo(nint image, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClImage>(image).ImageInfo(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetFormats(nint context, ulong flags, uint type, uint entries, PixelFormat* formats, uint* count)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            HostFlags.CheckBits(flags);
            ClFailure.Unless(formats is null || entries > 0, OpenClErrors.InvalidValue);
            PixelFormat[] known = ImageFormatList.Of(owner, flags, (MemObjectType)type);
            for (var i = 0; formats is not null && i < Math.Min(entries, known.Length); i++)
                formats[i] = known[i];
            if (count is not null)
                *count = (uint)known.Length;
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetDestructor(nint memory, nint function, nint userData)
    {
        try
        {
            ClMemory found = HandleTable.Get<ClMemory>(memory);
            ClFailure.Unless(function != 0, OpenClErrors.InvalidValue);
            found.Destructors.Add(function, userData);
            return OpenClErrors.Success;
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }

    private static nint MakeImage(
        nint context, ulong* properties, ulong flags, PixelFormat* format, ImageDescription* description, void* host,
        int* code)
    {
        ClContext owner = HandleTable.Get<ClContext>(context);
        ulong[] list = ReadProperties(properties);
        HostFlags.CheckBits(flags);
        ClFailure.Unless(format is not null, OpenClErrors.InvalidImageFormatDescriptor);
        ClFailure.Unless(description is not null, ClCodes.InvalidImageDescriptor);
        return Outcome.Created(ClImage.Create(owner, flags, *format, *description, host, list), code);
    }

    /// <summary>The standard knows no properties of memory objects yet: only the empty list.</summary>
    private static ulong[] ReadProperties(ulong* properties)
    {
        if (properties is null)
            return [];
        ClFailure.Unless(*properties == 0, ClCodes.InvalidProperty);
        return [0];
    }

    /// <summary>The older calls have sizes where the newer ones have a description.</summary>
    private static Exception AsImageSize(Exception exception) =>
        exception is ClFailure { Code: ClCodes.InvalidImageDescriptor }
            ? new ClFailure(OpenClErrors.InvalidImageSize)
            : exception;
}
