using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// A buffer, a part of one, or an image. What is mapped of it lies in its shadow: the client's copy of the whole object,
/// made at the first map, or the program's own memory if it gave that to use.
/// </summary>
internal abstract unsafe class ClMemory : ClObject, IClKind
{
    private readonly List<Mapping> _mappings = [];
    private ulong _slices; // a bit for each slice on which it was made

    protected ClMemory(ClContext context, ulong flags, nint hostPointer)
    {
        Context = context;
        Flags = flags;
        HostPointer = hostPointer;
        Id = context.Stream.NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidMemObject;

    public ulong Id { get; }

    public ClContext Context { get; }

    /// <summary><c>cl_mem_flags</c> as programs see them.</summary>
    public ulong Flags { get; }

    /// <summary>The program's memory that the object uses; 0 if it does not.</summary>
    public nint HostPointer { get; }

    /// <summary>Bytes of the object.</summary>
    public abstract ulong Size { get; }

    /// <summary><c>CL_MEM_TYPE</c>.</summary>
    public abstract MemObjectType Type { get; }

    /// <summary>First byte of the shadow.</summary>
    public abstract byte* Shadow { get; }

    /// <summary>Called when it is gone; the newest first.</summary>
    public DestructorCalls Destructors { get; } = new();

    /// <summary>The properties that the program gave, with their final zero; empty when it gave none.</summary>
    public ulong[] Properties { get; init; } = [];

    /// <summary><c>CL_MEM_ASSOCIATED_MEMOBJECT</c>.</summary>
    protected abstract ClMemory? Whole { get; }

    /// <summary>The object whose memory it is: itself, if it is no part of another.</summary>
    public ClMemory Owner => Whole?.Owner ?? this;

    /// <summary>Where its content is; null when its context has one slice only. Set for owners of memory.</summary>
    public Placement? Placement { get; private set; }

    /// <summary>Where it begins in the whole.</summary>
    protected virtual ulong OffsetInWhole => 0;

    /// <summary>
    /// Makes it on a slice, and what it is a part of, unless it was. In a context of several slices each makes it when
    /// a command there uses it first; the placement of its owner is entered then.
    /// </summary>
    /// <exception cref="ClFailure">The slice has no room for it, or its connection is lost.</exception>
    public void MakeOn(int slice)
    {
        if (IsMadeOn(slice))
            return;
        Whole?.MakeOn(slice);
        Make(slice, null);
    }

    /// <summary>Parts of the content, by which it moves from slice to slice.</summary>
    public abstract List<Box> PartsOf(ulong maxBytes);

    /// <summary>Bytes of such a part.</summary>
    public ulong BytesOf(in Box part) => part.RowBytes * part.Rows * part.Slices;

    /// <summary>Reads such a part.</summary>
    public abstract void SendRead(CommandStream stream, in Enqueue enqueue, in Box part, Reply reply);

    /// <summary>Writes such a part.</summary>
    public abstract void SendWrite(CommandStream stream, in Enqueue enqueue, in Box part, PlainData data, Reply reply);

    /// <summary>A queue's command can use it.</summary>
    /// <exception cref="ClFailure">The queue is of another context.</exception>
    public void CheckQueue(ClQueue queue) => ClFailure.Unless(queue.Context == Context, OpenClErrors.InvalidContext);

    /// <summary>A read by the host.</summary>
    /// <exception cref="ClFailure">The object was made so that it cannot be read.</exception>
    public void CheckHostReads() => ClFailure.Unless(HostFlags.HostReads(Flags), OpenClErrors.InvalidOperation);

    /// <summary>A write by the host.</summary>
    /// <exception cref="ClFailure">The object was made so that it cannot be written.</exception>
    public void CheckHostWrites() => ClFailure.Unless(HostFlags.HostWrites(Flags), OpenClErrors.InvalidOperation);

    /// <summary>The program has mapped a part of it.</summary>
    public void Add(Mapping mapping)
    {
        lock (_mappings)
            _mappings.Add(mapping);
    }

    /// <summary>The newest mapping with this address.</summary>
    /// <exception cref="ClFailure">There is none.</exception>
    public Mapping FindMapping(nint pointer)
    {
        lock (_mappings)
        {
            return _mappings.FindLast(mapping => mapping.Pointer == pointer)
                ?? throw new ClFailure(OpenClErrors.InvalidValue);
        }
    }

    /// <summary>It is unmapped; its content is sent before the call returns.</summary>
    /// <exception cref="ClFailure">Another thread has unmapped it.</exception>
    public void Remove(Mapping mapping)
    {
        lock (_mappings)
        {
            int index = _mappings.FindLastIndex(other => ReferenceEquals(other, mapping));
            ClFailure.Unless(index >= 0, OpenClErrors.InvalidValue);
            _mappings.RemoveAt(index);
        }
    }

    /// <summary>Keeps the shadow until a reply that may write to it has come.</summary>
    public void HoldUntil(Reply reply)
    {
        Hold();
        reply.ContinueWith(() => CallbackThread.Post(Drop));
    }

    /// <summary><c>clGetMemObjectInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer)
    {
        switch (name)
        {
            case MemoryNames.MemType:
                return answer.Value((uint)Type);
            case MemoryNames.MemFlagBits:
                return answer.Value(Flags);
            case MemoryNames.MemSize:
                return answer.Value(Size);
            case MemoryNames.MemHostPointer:
                return answer.Value(HostPointer);
            case MemoryNames.MemMapCount:
                lock (_mappings)
                    return answer.Value((uint)_mappings.Count);
            case MemoryNames.MemReferenceCount:
                return answer.Value(References);
            case MemoryNames.MemContext:
                return answer.Value(Context.Handle);
            case MemoryNames.MemAssociated:
                return answer.Value(Whole?.Handle ?? 0);
            case MemoryNames.MemOffset:
                return answer.Value(OffsetInWhole);
            case MemoryNames.MemUsesSvmPointer:
                return answer.Flag(false);
            case MemoryNames.MemProperties:
                return answer.Array<ulong>(Properties);
            default:
                return OpenClErrors.InvalidValue;
        }
    }

    /// <summary>Gives back what the kind has.</summary>
    protected abstract void Free();

    /// <summary>Takes memory of a slice, and sends what makes the object there.</summary>
    /// <param name="slice">Index of the slice.</param>
    /// <param name="content">What it begins with, or null.</param>
    protected abstract void SendCreation(int slice, HostRegion? content);

    /// <summary>
    /// The object is new: makes it where its context has one slice, or where its first content goes; others make it
    /// when they use it.
    /// </summary>
    /// <param name="content">What it begins with, or null.</param>
    /// <exception cref="ClFailure">The slice has no room for it, or its connection is lost: there is no object.</exception>
    protected void Begin(HostRegion? content)
    {
        try
        {
            if (Context.IsShared)
                Place(content);
            else
                Make(0, content);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Gives the memory of its replicas back.</summary>
    protected void GiveMemory()
    {
        for (var slice = 0; slice < Context.Streams.Length; slice++)
        {
            if (IsMadeOn(slice))
                MemoryBudget.Of(Context.Streams[slice]).Give(Size);
        }
    }

    protected override void Destroy()
    {
        Context.Release(Id, _slices);
        Placement?.Free();
        Free();
        Destructors.Run(Handle);
        Context.Drop();
    }

    private void Place(HostRegion? content)
    {
        if (Whole is not null)
            return;
        Placement = new Placement(this);
        if (content is null)
            return;
        int slice = Context.LivingSlice;
        Make(slice, content);
        Placement.Place(slice);
    }

    private bool IsMadeOn(int slice) => (_slices & (1UL << slice)) != 0;

    private void Make(int slice, HostRegion? content)
    {
        CommandStream stream = Context.Streams[slice];
        if (Whole is null)
            MemoryBudget.Of(stream).Take(Size);
        try
        {
            SendCreation(slice, content);
            _slices |= 1UL << slice;
        }
        catch (ClFailure) when (Whole is null)
        {
            MemoryBudget.Of(stream).Give(Size);
            throw;
        }
    }
}
