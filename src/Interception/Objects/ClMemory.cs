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

    public CommandStream Stream => Context.Stream;

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

    /// <summary>Where it begins in the whole.</summary>
    protected virtual ulong OffsetInWhole => 0;

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

    /// <summary>The newest mapping with this address; it is one no more.</summary>
    /// <exception cref="ClFailure">There is none.</exception>
    public Mapping TakeMapping(nint pointer)
    {
        lock (_mappings)
        {
            int index = _mappings.FindLastIndex(mapping => mapping.Pointer == pointer);
            ClFailure.Unless(index >= 0, OpenClErrors.InvalidValue);
            Mapping found = _mappings[index];
            _mappings.RemoveAt(index);
            return found;
        }
    }

    /// <summary>A map that failed.</summary>
    public void Remove(Mapping mapping)
    {
        lock (_mappings)
            _mappings.Remove(mapping);
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

    protected override void Destroy()
    {
        Stream.Release(Id);
        Free();
        Destructors.Run(Handle);
        Context.Drop();
    }
}
