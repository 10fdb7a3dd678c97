using System.Runtime.InteropServices;
using GpuActors.Interception.Entries;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Handles;

/// <summary>
/// All handles of the process. Each is the address of a block in one reserved range, so that any pointer at all can be
/// told from a handle without being followed, and one that was released never becomes foreign memory: the loader reads
/// the dispatch table from it before we are asked. Freed blocks are used again last.
/// </summary>
internal static unsafe class HandleTable
{
    /// <summary>Most objects at one time; far beyond what a session may have.</summary>
    private const int Capacity = 1 << 20;

    /// <summary>Bytes of a block: the dispatch pointer, and room that keeps neighbours apart.</summary>
    private const int BlockBytes = 32;

    private const int PageObjects = 4096;

    private static readonly byte* Start = Reserve();
    private static readonly ClObject?[]?[] Pages = new ClObject?[Capacity / PageObjects][];
    private static readonly Queue<int> Free = new();
    private static readonly Lock Gate = new();
    private static int _used;

    /// <summary>Gives an object its handle.</summary>
    public static nint Add(ClObject owner)
    {
        lock (Gate)
        {
            int index = NextIndex();
            byte* block = Start + ((long)index * BlockBytes);
            *(nint*)block = Dispatch.Table;
            (Pages[index / PageObjects] ??= new ClObject?[PageObjects])[index % PageObjects] = owner;
            return (nint)block;
        }
    }

    /// <summary>The handle means nothing from now on.</summary>
    public static void Remove(nint handle)
    {
        int index = IndexOf(handle);
        lock (Gate)
        {
            Pages[index / PageObjects]![index % PageObjects] = null;
            Free.Enqueue(index);
        }
    }

    /// <summary>The live object behind a handle of this kind, or null for anything else.</summary>
    public static T? Find<T>(nint handle)
        where T : ClObject
    {
        int index = IndexOf(handle);
        return index < 0 ? null : Volatile.Read(ref Pages[index / PageObjects])?[index % PageObjects] as T;
    }

    /// <summary>The live object behind a handle of this kind.</summary>
    /// <exception cref="ClFailure">There is none: the kind's own code.</exception>
    public static T Get<T>(nint handle)
        where T : ClObject, IClKind => Find<T>(handle) ?? throw new ClFailure(T.InvalidCode);

    /// <summary>The live objects behind an array of handles.</summary>
    /// <exception cref="ClFailure">One of them is none, or the array is missing or superfluous.</exception>
    public static T[] GetAll<T>(uint count, nint* handles, int badListCode, int? badMemberCode = null)
        where T : ClObject, IClKind
    {
        ClFailure.Unless((count == 0) == (handles is null), badListCode);
        var found = new T[count];
        for (var i = 0; i < found.Length; i++)
            found[i] = Find<T>(handles[i]) ?? throw new ClFailure(badMemberCode ?? T.InvalidCode);
        return found;
    }

    private static int IndexOf(nint handle)
    {
        nint offset = handle - (nint)Start;
        return (nuint)offset < (nuint)((long)Capacity * BlockBytes) && offset % BlockBytes == 0
            ? (int)(offset / BlockBytes)
            : -1;
    }

    private static int NextIndex()
    {
        const int KeptFree = 4096;
        if (Free.Count > KeptFree || (_used == Capacity && Free.Count > 0))
            return Free.Dequeue();
        return _used < Capacity ? _used++ : throw new ClFailure(OpenClErrors.OutOfHostMemory);
    }

    private static byte* Reserve() =>
        // Untouched pages of it take no memory.
        (byte*)NativeMemory.AlignedAlloc((nuint)Capacity * BlockBytes, (nuint)BlockBytes);
}
