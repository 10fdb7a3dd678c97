using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>
/// Where the content of a memory object of several slices is. Each slice that has used the object has a replica of it;
/// those that are current have the newest content. A command on a slice whose replica is not gets it moved there first:
/// behind the commands that wrote it, as far as they were enqueued, and before that command.
/// </summary>
/// <remarks>
/// A thread that enqueues a command enters the placements of all objects of it, by ascending id, and leaves them once
/// the command is sent: what another thread then finds here has been sent before its own command.
/// </remarks>
internal sealed class Placement
{
    /// <summary>Commands without order among each other whose events are kept one by one.</summary>
    private const int MaxWriters = 64;

    private readonly object _gate = new();
    private readonly ClMemory _root;
    private readonly Replica[] _replicas;
    private bool _hasContent; // until then it is zero everywhere, as new memory is
    private bool _isGone;

    /// <param name="root">An object that is no part of another, in a context of several slices.</param>
    public Placement(ClMemory root)
    {
        _root = root;
        _replicas = new Replica[root.Context.Streams.Length];
        for (var slice = 0; slice < _replicas.Length; slice++)
            _replicas[slice] = new Replica();
    }

    /// <summary>Order in which several are entered.</summary>
    public ulong Order => _root.Id;

    public void Enter() => Monitor.Enter(_gate);

    public void Leave() => Monitor.Exit(_gate);

    /// <summary>The first content was sent with the object's creation.</summary>
    public void Place(int slice)
    {
        _hasContent = true;
        _replicas[slice].IsCurrent = true;
    }

    /// <summary>Before a command on a slice is sent; in it.</summary>
    /// <param name="slice">The command's.</param>
    /// <param name="access">What the command does.</param>
    /// <param name="waits">Gets the events that it has to wait for.</param>
    /// <exception cref="ClFailure">
    /// The slice has no room for a replica, or the content was on a slice that is lost.
    /// </exception>
    public void Prepare(int slice, MemoryAccess access, List<ulong> waits)
    {
        _root.MakeOn(slice);
        SettleArrivals();
        Replica here = _replicas[slice];
        if (access != MemoryAccess.Overwrite)
        {
            ClFailure.Unless(!_isGone, OpenClErrors.OutOfResources);
            if (_hasContent && !here.IsCurrent)
                Fetch(slice);
        }
        if (here.Arrival is { } arrival)
            waits.Add(arrival.Id);
    }

    /// <summary>A command that changes it was sent; in it.</summary>
    /// <param name="slice">The command's.</param>
    /// <param name="writer">The command's event.</param>
    public void Written(int slice, ClEvent writer)
    {
        for (var other = 0; other < _replicas.Length; other++)
        {
            if (other != slice)
                _replicas[other].Outdate();
        }
        _hasContent = true;
        _isGone = false;
        Replica here = _replicas[slice];
        here.IsCurrent = true;
        here.Add(writer);
        if (here.Writers.Count > MaxWriters)
            Gather(slice);
    }

    /// <summary>The object is no more.</summary>
    public void Free()
    {
        foreach (Replica replica in _replicas)
        {
            replica.Outdate();
            replica.Arrival?.Forget();
            replica.Arrival = null;
        }
    }

    private void SettleArrivals()
    {
        foreach (Replica replica in _replicas)
        {
            if (replica.Arrival is not { Ended: { } code } arrival)
                continue;
            replica.Arrival = null;
            arrival.Forget();
            if (code == OpenClErrors.Success)
                continue;
            // What wrote here since then has failed with it: unless the content is elsewhere, there is none.
            bool isElsewhere = Array.Exists(_replicas, other => other != replica && other.IsCurrent);
            if (isElsewhere || arrival.IsSourceLost)
                replica.IsCurrent = false;
            _isGone |= !isElsewhere && arrival.IsSourceLost;
        }
    }

    private void Fetch(int slice)
    {
        int source = FindSource();
        Replica there = _replicas[source];
        there.ForgetEnded();
        var after = new List<ulong>(there.Writers.Count + 1);
        foreach (ClEvent writer in there.Writers)
            after.Add(writer.Id);
        if (there.Arrival is { } earlier)
            after.Add(earlier.Id);
        Replica here = _replicas[slice];
        Move? before = here.Arrival;
        here.Arrival = Move.Start(_root, source, slice, [.. after], before);
        before?.Forget();
        here.Outdate();
        here.IsCurrent = true;
    }

    /// <summary>A slice with the newest content; rather one to which it is not on its way yet.</summary>
    private int FindSource()
    {
        CommandStream[] streams = _root.Context.Streams;
        int found = -1;
        for (var slice = 0; slice < _replicas.Length; slice++)
        {
            if (!_replicas[slice].IsCurrent || streams[slice].IsLost)
                continue;
            if (_replicas[slice].Arrival is null)
                return slice;
            found = slice;
        }
        return found >= 0 ? found : throw new ClFailure(OpenClErrors.OutOfResources, "its content was on a slice that is lost");
    }

    /// <summary>Many writers become one: a marker behind all of them.</summary>
    private void Gather(int slice)
    {
        Replica here = _replicas[slice];
        here.ForgetEnded();
        if (here.Writers.Count <= MaxWriters)
            return;
        CommandStream stream = _root.Context.Streams[slice];
        ulong[] all = [.. here.Writers.Select(writer => writer.Id)];
        ulong queue = _root.Context.RentQueue(slice);
        ulong id = stream.NextId();
        ulong sequence = stream.Send(new EnqueueMarker(new Enqueue(queue, id, all)));
        stream.Release(queue); // what it holds goes on
        ClEvent gathered = ClEvent.OfLibrary(_root.Context, stream, id, sequence);
        here.Outdate();
        here.IsCurrent = true;
        here.Add(gathered);
        gathered.Release();
    }

    /// <summary>The object on one slice.</summary>
    private sealed class Replica
    {
        /// <summary>Whether it has the newest content, or gets it by <see cref="Arrival"/>.</summary>
        public bool IsCurrent { get; set; }

        /// <summary>The move to it that was under way when last looked at.</summary>
        public Move? Arrival { get; set; }

        /// <summary>Events of commands here that made the content what it is, if they may not have ended. Held.</summary>
        public List<ClEvent> Writers { get; } = [];

        /// <summary>One more; in a queue with order it ends after those before it.</summary>
        public void Add(ClEvent writer)
        {
            writer.Hold();
            if (writer.Queue is { IsInOrder: true } queue)
            {
                int before = Writers.FindIndex(other => other.Queue == queue);
                if (before >= 0)
                {
                    ClEvent replaced = Writers[before];
                    Writers[before] = writer;
                    replaced.Drop();
                    return;
                }
            }
            Writers.Add(writer);
        }

        /// <summary>Keeps only writers that may not have ended.</summary>
        public void ForgetEnded()
        {
            for (int i = Writers.Count - 1; i >= 0; i--)
            {
                if (Writers[i].Ended is null)
                    continue;
                ClEvent ended = Writers[i];
                Writers.RemoveAt(i);
                ended.Drop();
            }
        }

        /// <summary>Its content is not the newest any more.</summary>
        public void Outdate()
        {
            IsCurrent = false;
            foreach (ClEvent writer in Writers)
                writer.Drop();
            Writers.Clear();
        }
    }
}
