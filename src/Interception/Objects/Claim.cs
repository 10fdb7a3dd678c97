using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// A command on a queue of a context of several slices: brings the memory that it uses to its slice, makes events of
/// other slices known there, and says afterwards that it has written.
/// </summary>
internal sealed class Claim
{
    private readonly ClQueue _queue;
    private readonly MemoryUse[] _uses;
    private readonly List<(Placement Placement, MemoryAccess Access)> _placements = [];
    private int _entered;
    private ulong _eventId;
    private ClEvent? _event;

    /// <param name="queue">Where.</param>
    /// <param name="uses">The memory that the command uses.</param>
    public Claim(ClQueue queue, ReadOnlySpan<MemoryUse> uses)
    {
        _queue = queue;
        _uses = uses.ToArray();
        foreach (MemoryUse use in uses)
            Add(use);
        _placements.Sort((one, other) => one.Placement.Order.CompareTo(other.Placement.Order));
    }

    /// <summary>Before the command is sent.</summary>
    /// <param name="waitList">The program's.</param>
    /// <param name="wantsEvent">Whether the program does.</param>
    /// <returns>What the command begins with.</returns>
    /// <exception cref="ClFailure">An event is none of this context, or the memory cannot be had.</exception>
    public Enqueue Begin(ReadOnlySpan<nint> waitList, bool wantsEvent)
    {
        var events = new ClEvent[waitList.Length];
        for (var i = 0; i < events.Length; i++)
            events[i] = Submission.Find(_queue, waitList[i]);
        try
        {
            var waits = new List<ulong>();
            foreach ((Placement placement, MemoryAccess access) in _placements)
            {
                placement.Enter();
                _entered++;
                placement.Prepare(_queue.Slice, access, waits);
            }
            foreach (MemoryUse use in _uses)
                use.Memory.MakeOn(_queue.Slice);
            foreach (ClEvent waited in events)
            {
                if (waited.IsToBeAwaitedOn(_queue.Stream))
                    waits.Add(waited.Id);
            }
            if (wantsEvent || _placements.Exists(used => used.Access != MemoryAccess.Read))
                _eventId = _queue.Stream.NextId();
            return new Enqueue(_queue.Id, _eventId, waits.Count == 0 ? default : new IdList([.. waits]));
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>The command was sent: others may use the memory. Once.</summary>
    public void Enqueued(uint commandType, ulong sequence, Reply? transfer)
    {
        if (_eventId != 0)
        {
            _event = ClEvent.Of(_queue, _eventId, commandType, sequence, transfer);
            _eventId = 0;
            foreach ((Placement placement, MemoryAccess access) in _placements)
            {
                if (access != MemoryAccess.Read)
                    placement.Written(_queue.Slice, _event);
            }
        }
        Leave();
    }

    /// <summary>The command's event becomes the program's.</summary>
    public nint TakeEvent()
    {
        nint handle = _event!.Handle;
        _event = null;
        return handle;
    }

    /// <summary>The call is over.</summary>
    public void End()
    {
        Leave();
        _event?.Release();
        _event = null;
    }

    /// <summary>Parts of the same object, or the same one twice, are one use of the whole.</summary>
    private void Add(MemoryUse use)
    {
        ClMemory owner = use.Memory.Owner;
        Placement placement = owner.Placement!;
        bool isPart = use.Access == MemoryAccess.Overwrite && use.Memory.Size != owner.Size;
        MemoryAccess access = isPart ? MemoryAccess.Write : use.Access;
        int known = _placements.FindIndex(used => used.Placement == placement);
        if (known < 0)
            _placements.Add((placement, access));
        else if (_placements[known].Access != access)
            _placements[known] = (placement, MemoryAccess.Write);
    }

    private void Leave()
    {
        for (; _entered > 0; _entered--)
            _placements[_entered - 1].Placement.Leave();
    }
}
