namespace GpuActors.Actors;

/// <summary>
/// An actor's children: a hash table chained through the cells themselves, so that a child costs its parent some 8
/// to 16 bytes. Unnamed children are keyed by the number that their name is made of, which needs no string. Safe from
/// any thread. The hash is our own because order of enumeration must not differ from process to process.
/// </summary>
internal sealed class ChildTable
{
    private const int BucketsMin = 4;

    private ActorCell?[] _buckets = new ActorCell?[BucketsMin];
    private int _stopping;
    private bool _notifyWhenStopped;
    private bool _closed;

    public int Count { get; private set; }

    /// <summary>How <see cref="TryAdd"/> ended.</summary>
    public enum Addition
    {
        Added,
        NameTaken,

        /// <summary>The parent is stopping.</summary>
        Closed,
    }

    public Addition TryAdd(ActorCell child)
    {
        lock (this)
        {
            if (_closed)
            {
                return Addition.Closed;
            }

            if (child.GivenName is { } name && FindNamed(name) is not null)
            {
                return Addition.NameTaken;
            }

            if (++Count > _buckets.Length)
            {
                Resize(_buckets.Length * 2);
            }

            Link(child);
            return Addition.Added;
        }
    }

    /// <summary>Takes no more children.</summary>
    public void Close()
    {
        lock (this)
        {
            _closed = true;
        }
    }

    /// <summary>Removes a child; true when somebody waits for stopping children and this was the last.</summary>
    public bool Remove(ActorCell child)
    {
        lock (this)
        {
            ref var link = ref _buckets[BucketOf(child)];
            while (link is not null && link != child)
            {
                link = ref link.NextInBucket;
            }

            if (link is null)
            {
                return false;
            }

            link = child.NextInBucket;
            child.NextInBucket = null;
            if (--Count == 0)
            {
                _buckets = new ActorCell?[BucketsMin];
            }

            if (!child.IsToldToStop || --_stopping > 0)
            {
                return false;
            }

            var notify = _notifyWhenStopped;
            _notifyWhenStopped = false;
            return notify;
        }
    }

    /// <summary>Notes that a child was told to stop; false when it was told before or is no child.</summary>
    public bool MarkStopping(ActorCell child)
    {
        lock (this)
        {
            if (child.IsToldToStop || !Contains(child))
            {
                return false;
            }

            child.IsToldToStop = true;
            _stopping++;
            return true;
        }
    }

    /// <summary>True when no child is stopping; otherwise the removal of the last one of them will say so.</summary>
    public bool NoneStoppingOrNotify()
    {
        lock (this)
        {
            _notifyWhenStopped = _stopping > 0;
            return _stopping == 0;
        }
    }

    public bool Contains(ActorCell child)
    {
        lock (this)
        {
            var found = _buckets[BucketOf(child)];
            while (found is not null && found != child)
            {
                found = found.NextInBucket;
            }

            return found is not null;
        }
    }

    /// <summary>The child with a name, given or made of its number.</summary>
    public ActorCell? Find(ReadOnlySpan<char> name)
    {
        lock (this)
        {
            return NumberedName.TryParse(name, out var number) ? FindNumbered(number) : FindNamed(name);
        }
    }

    /// <summary>The children at this moment.</summary>
    public ActorCell[] Snapshot()
    {
        lock (this)
        {
            var children = new ActorCell[Count];
            var n = 0;
            foreach (var first in _buckets)
            {
                for (var child = first; child is not null; child = child.NextInBucket)
                {
                    children[n++] = child;
                }
            }

            return children;
        }
    }

    private static uint Hash(ReadOnlySpan<char> name)
    {
        var hash = 2166136261u; // FNV-1a
        foreach (var c in name)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }

    private static uint HashOf(ActorCell child) => child.GivenName is { } name ? Hash(name) : (uint)child.Number;

    private ActorCell? FindNamed(ReadOnlySpan<char> name)
    {
        var child = _buckets[Bucket(Hash(name))];
        while (child is not null && !(child.GivenName is { } given && name.SequenceEqual(given)))
        {
            child = child.NextInBucket;
        }

        return child;
    }

    private ActorCell? FindNumbered(long number)
    {
        var child = _buckets[Bucket((uint)number)];
        while (child is not null && !(child.GivenName is null && child.Number == number))
        {
            child = child.NextInBucket;
        }

        return child;
    }

    private int BucketOf(ActorCell child) => Bucket(HashOf(child));

    private int Bucket(uint hash) => (int)(hash & (uint)(_buckets.Length - 1));

    private void Link(ActorCell child)
    {
        ref var bucket = ref _buckets[BucketOf(child)];
        child.NextInBucket = bucket;
        bucket = child;
    }

    private void Resize(int size)
    {
        var old = _buckets;
        _buckets = new ActorCell?[size];
        foreach (var first in old)
        {
            var child = first;
            while (child is not null)
            {
                var next = child.NextInBucket;
                Link(child);
                child = next;
            }
        }
    }
}
