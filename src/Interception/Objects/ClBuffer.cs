using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A buffer, or a part of one. Parts lie in the shadow of the whole, so that they overlap there, too.</summary>
internal sealed unsafe class ClBuffer : ClMemory
{
    private readonly ClBuffer? _whole;
    private readonly Shadow? _shadow;

    private ClBuffer(ClContext context, ulong flags, ulong size, nint hostPointer, ClBuffer? whole, ulong offset)
        : base(context, flags, hostPointer)
    {
        Size = size;
        Offset = offset;
        _whole = whole;
        _shadow = whole is null && hostPointer == 0 ? new Shadow(size) : null;
        whole?.Hold();
    }

    public override ulong Size { get; }

    public override MemObjectType Type => MemObjectType.Buffer;

    /// <summary>Where a part begins in the whole.</summary>
    public ulong Offset { get; }

    /// <summary>The buffer whose memory it is.</summary>
    public ClBuffer Root => _whole ?? this;

    public override byte* Shadow => HostPointer != 0 ? (byte*)HostPointer
        : _whole is not null ? _whole.Shadow + Offset
        : _shadow!.Start;

    protected override ClMemory? Whole => _whole;

    protected override ulong OffsetInWhole => Offset;

    /// <summary><c>clCreateBuffer</c>.</summary>
    /// <param name="context">Where.</param>
    /// <param name="flags">As the program gave them.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="host">Initial content, or memory to use; null when the flags name neither.</param>
    /// <param name="properties">The list that the program gave, with its final zero; empty when it gave none.</param>
    /// <exception cref="ClFailure">Flags, size or pointer are not valid, or the slice has no room.</exception>
    public static ClBuffer Create(ClContext context, ulong flags, ulong size, void* host, ulong[] properties)
    {
        HostFlags.CheckBits(flags);
        ClFailure.Unless(
            size > 0 && Array.Exists(context.Devices, device => size <= device.Number<ulong>(ClNames.DeviceMaxMemAllocSize)),
            OpenClErrors.InvalidBufferSize);
        flags = HostFlags.Check(flags, host);
        nint used = (flags & HostFlags.UseHostPointer) != 0 ? (nint)host : 0;
        var buffer = new ClBuffer(context, flags, size, used, null, 0) { Properties = properties };
        buffer.Begin(host is null ? null : new HostRegion((byte*)host, size, 1, 1, size, size));
        return buffer;
    }

    /// <summary><c>clCreateSubBuffer</c>.</summary>
    /// <exception cref="ClFailure">It is no region of this buffer, or no device can use it.</exception>
    public ClBuffer CreatePart(ulong flags, ulong offset, ulong size)
    {
        ClFailure.Unless(_whole is null, OpenClErrors.InvalidMemObject);
        flags = HostFlags.Inherit(Flags, flags);
        ClFailure.Unless(size > 0, OpenClErrors.InvalidBufferSize);
        CheckRange(offset, size);
        ClFailure.Unless(
            Array.Exists(Context.Devices, device => IsAligned(device, offset)), ClCodes.MisalignedSubBufferOffset);
        nint host = HostPointer == 0 ? 0 : HostPointer + (nint)offset;
        var part = new ClBuffer(Context, flags, size, host, this, offset);
        part.Begin(null);
        return part;
    }

    /// <summary>A range of it.</summary>
    /// <exception cref="ClFailure">It is empty, or not within the buffer.</exception>
    public void CheckRange(ulong offset, ulong size) => ClFailure.Unless(
        size > 0 && offset <= Size && size <= Size - offset, OpenClErrors.InvalidValue);

    /// <summary>A queue's command can use it.</summary>
    /// <exception cref="ClFailure">The queue is of another context, or its device cannot begin at the part's offset.</exception>
    public void CheckUse(ClQueue queue)
    {
        CheckQueue(queue);
        ClFailure.Unless(
            _whole is null || IsAligned(queue.Device, Offset), ClCodes.MisalignedSubBufferOffset);
    }

    protected override void Free()
    {
        if (_whole is null)
        {
            _shadow?.Free();
            GiveMemory();
        }
        else
        {
            _whole.Drop();
        }
    }

    private static bool IsAligned(ClDevice device, ulong offset)
    {
        const int BitsInByte = 8;
        uint alignment = device.Number<uint>(MemoryNames.DeviceMemBaseAddressAlign) / BitsInByte;
        return alignment == 0 || offset % alignment == 0;
    }

    protected override void SendCreation(int slice, HostRegion? content)
    {
        CommandStream stream = Context.Streams[slice];
        if (_whole is not null)
        {
            stream.Send(new CreateSubBuffer(Id, _whole.Id, Offset, Size, HostFlags.OnWire(Flags)));
            return;
        }
        var creation = new CreateBuffer(Id, Context.Id, Size, HostFlags.OnWire(Flags));
        if (content is not { } bytes)
        {
            stream.Send(creation);
            return;
        }
        var data = new PlainData(bytes.Start, Size);
        if (Size <= InitialContent.MaxBytes)
        {
            stream.Send(creation with { DataBytes = Size }, data);
            return;
        }
        stream.Send(creation);
        InitialContent.Write(Context, slice, queue => stream.Send(new WriteBuffer(queue, Id, 0, Size), data));
    }

    public override List<Box> PartsOf(ulong maxBytes) => Box.Split(Size, 1, 1, maxBytes);

    public override void SendRead(CommandStream stream, in Enqueue enqueue, in Box part, Reply reply) =>
        stream.Send(new ReadBuffer(enqueue, Id, part.FirstByte, part.RowBytes), reply);

    public override void SendWrite(CommandStream stream, in Enqueue enqueue, in Box part, PlainData data, Reply reply) =>
        stream.Send(new WriteBuffer(enqueue, Id, part.FirstByte, part.RowBytes), data, reply);
}
