using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

internal sealed unsafe partial class Session
{
    /// <summary>Flags that a client may set; pointers to its memory are not among them.</summary>
    private const MemFlags AllowedFlags = MemFlags.ReadWrite | MemFlags.WriteOnly | MemFlags.ReadOnly
        | MemFlags.AllocHostPtr | MemFlags.HostWriteOnly | MemFlags.HostReadOnly | MemFlags.HostNoAccess
        | MemFlags.KernelReadAndWrite;

    private void Create(CreateBuffer command)
    {
        CheckBuffer(command);
        MakeBuffer(command, null);
    }

    private DataSink StartCreateBuffer(ulong sequence, CreateBuffer command)
    {
        CheckBuffer(command);
        if (command.DataBytes != command.SizeBytes)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"{command.DataBytes} bytes of initial data for a buffer of {command.SizeBytes}", command.Id);
        }
        return Gather(sequence, command, command.DataBytes, content =>
        {
            fixed (byte* pointer = content)
                MakeBuffer(command, pointer);
        });
    }

    private void CheckBuffer(in CreateBuffer command)
    {
        CheckNew(command.Id);
        CheckFlags((ulong)command.Flags, command.Id);
        if (command.SizeBytes == 0)
            throw new CommandFailure(OpenClErrors.InvalidBufferSize, "a buffer of 0 bytes", command.Id);
    }

    private void MakeBuffer(in CreateBuffer command, byte* content)
    {
        ContextObject context = Context(command.Context);
        TakeMemory(command.SizeBytes, command.Id);
        int code = OpenClErrors.MemObjectAllocationFailure;
        nint handle = 0;
        try
        {
            void* start = content is null ? _services.Zeros.Get((nuint)command.SizeBytes) : content;
            handle = Cl.CreateBuffer(
                context.Handle, (ulong)command.Flags | ClNames.MemCopyHostPtr, (nuint)command.SizeBytes, start, &code);
        }
        finally
        {
            if (code != OpenClErrors.Success)
                _account.Undo(command.SizeBytes);
        }
        CommandFailure.ThrowIfFailed(code, $"clCreateBuffer of {command.SizeBytes} bytes", command.Id);
        BookUntilFreed(handle, command.SizeBytes);
        _objects.Add(command.Id, new MemoryObject(command.Id, handle, context, false, command.SizeBytes)
        {
            Account = _account,
        });
    }

    private void Create(CreateSubBuffer command)
    {
        CheckNew(command.Id);
        CheckFlags((ulong)command.Flags, command.Id);
        MemoryObject parent = Buffer(command.Parent);
        nuint* region = stackalloc nuint[] { (nuint)command.Offset, (nuint)command.SizeBytes };
        int code;
        nint handle = Cl.CreateSubBuffer(
            parent.Handle, (ulong)command.Flags, ClNames.BufferCreateTypeRegion, region, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateSubBuffer", command.Id);
        parent.AddView();
        _objects.Add(command.Id, new MemoryObject(command.Id, handle, parent.Context, false, command.SizeBytes)
        {
            Parent = parent,
        });
    }

    private void Create(CreateImage command)
    {
        CheckNew(command.Id);
        CheckFlags((ulong)command.Flags, command.Id);
        if (command.Shape.Memory != 0)
            MakeImageView(command);
        else
            MakeImage(command, PackedImageBytes(command), null);
    }

    private DataSink StartCreateImage(ulong sequence, CreateImage command)
    {
        CheckNew(command.Id);
        CheckFlags((ulong)command.Flags, command.Id);
        ulong size = PackedImageBytes(command);
        if (command.DataBytes != size || command.Shape.Memory != 0)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue,
                $"{command.DataBytes} bytes of initial data for an image of {size} bytes of its own", command.Id);
        }
        return Gather(sequence, command, size, content =>
        {
            fixed (byte* pointer = content)
                MakeImage(command, size, pointer);
        });
    }

    private void MakeImage(in CreateImage command, ulong bytes, byte* content)
    {
        TakeMemory(bytes, command.Id);
        nint handle = 0;
        try
        {
            void* start = content is null ? _services.Zeros.Get((nuint)bytes) : content;
            handle = CreateImageHandle(command, 0, ClNames.MemCopyHostPtr, start);
        }
        finally
        {
            if (handle == 0)
                _account.Undo(bytes);
        }
        BookUntilFreed(handle, bytes);
        AddImage(command, handle, bytes, null);
    }

    /// <summary>An image over the memory of a buffer, which is booked already.</summary>
    private void MakeImageView(in CreateImage command)
    {
        MemoryObject parent = Memory(command.Shape.Memory);
        nint handle = CreateImageHandle(command, parent.Handle, 0, null);
        parent.AddView();
        AddImage(command, handle, 0, parent);
    }

    private void AddImage(in CreateImage command, nint handle, ulong bytes, MemoryObject? parent) =>
        _objects.Add(command.Id, new MemoryObject(command.Id, handle, Context(command.Context), true, bytes)
        {
            Account = parent is null ? _account : null,
            Parent = parent,
            ElementBytes = PixelLayout.BytesOf(command.Format),
            ImageSize = PixelLayout.ExtentOf(command.Shape),
        });

    private nint CreateImageHandle(in CreateImage command, nint memory, ulong extraFlags, void* start)
    {
        ContextObject context = Context(command.Context);
        var format = new ClImageFormat { Order = (uint)command.Format.Order, Type = (uint)command.Format.Type };
        ImageShape shape = command.Shape;
        var description = new ClImageDescription
        {
            Type = (uint)shape.Type,
            Width = (nuint)shape.Size.X,
            Height = (nuint)shape.Size.Y,
            Depth = (nuint)shape.Size.Z,
            ArraySize = (nuint)shape.ArraySize,
            RowPitch = (nuint)shape.RowPitch,
            Memory = memory,
        };
        int code;
        nint handle = Cl.CreateImage(
            context.Handle, (ulong)command.Flags | extraFlags, &format, &description, start, &code);
        CommandFailure.ThrowIfFailed(code, $"clCreateImage of {shape}", command.Id);
        return handle;
    }

    private static ulong PackedImageBytes(in CreateImage command)
    {
        ulong? pixels = PixelLayout.ExtentOf(command.Shape).Product;
        uint element = PixelLayout.BytesOf(command.Format);
        if (element == 0)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidImageFormatDescriptor, $"{command.Format} is no image format", command.Id);
        }
        if (pixels is null or 0 || pixels > ulong.MaxValue / element)
            throw new CommandFailure(OpenClErrors.InvalidImageSize, $"an image of {command.Shape}", command.Id);
        return pixels.Value * element;
    }

    private void CheckFlags(ulong flags, ulong id)
    {
        if ((flags & ~(ulong)AllowedFlags) != 0)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidValue, $"memory flags 0x{flags:X}; 0x{(ulong)AllowedFlags:X} are allowed", id);
        }
    }

    private void TakeMemory(ulong bytes, ulong id) => _account.Take(bytes, id, () =>
    {
        // What was released may be freed once the commands that use it are done; this command itself is one.
        EndOfBatch();
        return MayWait() && _services.Tracker.InFlight > 1;
    });

    /// <summary>The bytes stay booked until the driver says that it has freed them.</summary>
    private void BookUntilFreed(nint handle, ulong bytes)
    {
        GCHandle note = GCHandle.Alloc(new Booking(_account, bytes));
        int code = Cl.SetMemObjectDestructorCallback(handle, &OnFreed, (void*)GCHandle.ToIntPtr(note));
        if (code == OpenClErrors.Success)
            return;
        note.Free();
        _account.Undo(bytes);
        OpenClException.ThrowIfFailed(Cl.ReleaseMemObject(handle), "clReleaseMemObject");
        throw new OpenClException("clSetMemObjectDestructorCallback", code);
    }

    [UnmanagedCallersOnly]
    private static void OnFreed(nint handle, void* data)
    {
        try
        {
            GCHandle note = GCHandle.FromIntPtr((nint)data);
            var booking = (Booking)note.Target!;
            note.Free();
            booking.Account.Freed(booking.Bytes);
        }
        catch (Exception exception)
        {
            EngineFault.Exit(exception);
        }
    }

    private sealed record Booking(MemoryAccount Account, ulong Bytes);
}
