namespace GpuActors.Scheduler.Queueing.Index;

/// <summary>
/// Items in order, in pieces of at most <see cref="PieceLimit"/>, each with the bounds of its items: a search skips the
/// pieces that can't hold what it looks for. Adding, removing and refreshing an item cost a binary search and one piece.
/// </summary>
/// <param name="order">A total order, by keys that do not change while an item is in the list.</param>
/// <param name="boundsOf">The bounds of one item; <see cref="Refresh"/> asks for them again.</param>
internal sealed class BoundedList<T>(Comparer<T> order, Func<T, GroupBounds> boundsOf)
    where T : class
{
    public const int PieceLimit = 64;

    private readonly List<Piece> _pieces = [];
    private GroupBounds _bounds = GroupBounds.None;
    private bool _areBoundsKnown = true;

    public IReadOnlyList<Piece> Pieces => _pieces;

    public bool IsEmpty => _pieces.Count == 0;

    public T First => _pieces[0].Items[0];

    /// <summary>Of all items.</summary>
    public GroupBounds Bounds
    {
        get
        {
            if (!_areBoundsKnown)
            {
                _bounds = GroupBounds.None;
                foreach (var piece in _pieces)
                {
                    _bounds = GroupBounds.Both(_bounds, piece.Bounds);
                }

                _areBoundsKnown = true;
            }

            return _bounds;
        }
    }

    public void Add(T item)
    {
        if (_pieces.Count == 0)
        {
            _pieces.Add(new Piece());
        }

        var at = PieceOf(item);
        var piece = _pieces[at];
        piece.Insert(~piece.Find(item, order), item, boundsOf(item));
        if (piece.Count == PieceLimit)
        {
            _pieces.Insert(at + 1, piece.Split());
        }

        _areBoundsKnown = false;
    }

    public void Remove(T item)
    {
        var at = PieceOf(item);
        _pieces[at].Remove(_pieces[at].Find(item, order));
        if (_pieces[at].Count == 0)
        {
            _pieces.RemoveAt(at);
        }

        _areBoundsKnown = false;
    }

    /// <summary>The item's bounds are others now; its place is not.</summary>
    public void Refresh(T item)
    {
        var piece = _pieces[PieceOf(item)];
        piece.Refresh(piece.Find(item, order), boundsOf(item));
        _areBoundsKnown = false;
    }

    /// <summary>The last piece whose first item is not after <paramref name="item"/>.</summary>
    private int PieceOf(T item)
    {
        var (low, high) = (0, _pieces.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = order.Compare(_pieces[middle].Items[0], item) <= 0 ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Some neighbours and their bounds.</summary>
    internal sealed class Piece
    {
        private T[] _items = new T[4];
        private GroupBounds[] _each = new GroupBounds[4];

        public int Count { get; private set; }

        public GroupBounds Bounds { get; private set; } = GroupBounds.None;

        public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

        /// <summary>The bounds of each item.</summary>
        public ReadOnlySpan<GroupBounds> Each => _each.AsSpan(0, Count);

        public int Find(T item, Comparer<T> order) => Array.BinarySearch(_items, 0, Count, item, order);

        public void Insert(int at, T item, in GroupBounds bounds)
        {
            if (Count == _items.Length)
            {
                Array.Resize(ref _items, 2 * Count);
                Array.Resize(ref _each, 2 * Count);
            }

            Array.Copy(_items, at, _items, at + 1, Count - at);
            Array.Copy(_each, at, _each, at + 1, Count - at);
            (_items[at], _each[at]) = (item, bounds);
            Count++;
            Bounds = GroupBounds.Both(Bounds, bounds);
        }

        public void Remove(int at)
        {
            Count--;
            Array.Copy(_items, at + 1, _items, at, Count - at);
            Array.Copy(_each, at + 1, _each, at, Count - at);
            _items[Count] = null!;
            FindBounds();
        }

        public void Refresh(int at, in GroupBounds bounds)
        {
            _each[at] = bounds;
            FindBounds();
        }

        /// <summary>Gives the later half away.</summary>
        public Piece Split()
        {
            var later = new Piece();
            var kept = Count / 2;
            for (var i = kept; i < Count; i++)
            {
                later.Insert(i - kept, _items[i], _each[i]);
                _items[i] = null!;
            }

            Count = kept;
            FindBounds();
            return later;
        }

        private void FindBounds()
        {
            var bounds = GroupBounds.None;
            foreach (ref readonly var one in Each)
            {
                bounds = GroupBounds.Both(bounds, one);
            }

            Bounds = bounds;
        }
    }
}
