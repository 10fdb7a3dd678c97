namespace GpuActors.Interception.Handles;

/// <summary>The standard's word for a kind of object.</summary>
internal interface IClKind
{
    /// <summary>The code of a call that was given no live object of this kind.</summary>
    static abstract int InvalidCode { get; }
}

/// <summary>
/// What a program's handle stands for. It lives as long as the program has references to it or other objects hold it
/// (a queue holds its context, a kernel its program); then <see cref="Destroy"/> runs, once.
/// </summary>
internal abstract class ClObject
{
    private int _references = 1;
    private int _lives = 1; // references, as one, and holds

    protected ClObject() => Handle = HandleTable.Add(this);

    /// <summary>What the program sees: the address of a block that begins with the dispatch table's.</summary>
    public nint Handle { get; }

    /// <summary>References of the program: <c>CL_…_REFERENCE_COUNT</c>.</summary>
    public uint References => (uint)Math.Max(0, Volatile.Read(ref _references));

    /// <summary><c>clRetain…</c>.</summary>
    public void Retain()
    {
        if (Interlocked.Increment(ref _references) == 1)
            Hold(); // it lived by holds only
    }

    /// <summary><c>clRelease…</c>. False when the program has no reference left to give back.</summary>
    public bool Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            Interlocked.Increment(ref _references);
            return false;
        }
        if (left == 0)
            Drop();
        return true;
    }

    /// <summary>Another object needs this one: it lives on without references.</summary>
    public void Hold() => Interlocked.Increment(ref _lives);

    /// <summary>Takes a <see cref="Hold"/> back.</summary>
    public void Drop()
    {
        if (Interlocked.Decrement(ref _lives) != 0)
            return;
        HandleTable.Remove(Handle);
        Destroy();
    }

    /// <summary>Gives back what the object has: its id on the wire, its holds on others.</summary>
    protected abstract void Destroy();
}
