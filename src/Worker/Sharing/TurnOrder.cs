using GpuActors.Shared.Devices;
namespace GpuActors.Worker.Sharing;

/// <summary>A turn: who may use the GPU, and for how long.</summary>
/// <param name="Slot">Whose turn it is; <see cref="Nobody"/> where the policy gives the time to no one.</param>
/// <param name="Length">How long; <see cref="TimeSpan.MaxValue"/> as long as no one else has work.</param>
public readonly record struct Turn(int Slot, TimeSpan Length)
{
    /// <summary>The time of who isn't there.</summary>
    public const int Nobody = -1;
}

/// <summary>
/// Decides whose turn is next on a GPU whose slices take turns. Pure: time comes with what is told. A kernel can't be
/// interrupted, so turns are overrun; the time is made up for in the turns after.
/// </summary>
/// <param name="settings">How turns are measured.</param>
/// <param name="positions">How many slices may be there; with fixed shares each has a position, taken or not.</param>
public sealed class TurnOrder(TimeSliceSettings settings, int positions)
{
    private const int WholeWeight = 100;

    private readonly SortedDictionary<int, Sharer> _sharers = [];
    private readonly Sharer _nobody = new(Turn.Nobody, new SharePart(0));
    private int _last = Turn.Nobody;
    private int _position = -1;

    /// <summary>Whether anybody has work.</summary>
    public bool HasWork => _sharers.Values.Any(sharer => sharer.HasWork);

    private TimeSpan Slice => settings.SliceFor(positions);

    /// <summary>Time that a slice does not use goes to others.</summary>
    public bool GivesIdleTimeAway => IsConserving;

    private bool IsConserving => settings.Policy is SharePolicy.BestEffort or SharePolicy.Weighted;

    /// <summary>A slice comes.</summary>
    /// <param name="slot">Its number, 0 or more.</param>
    /// <param name="part">What it is entitled to.</param>
    public void Add(int slot, SharePart part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        _sharers.Add(slot, new Sharer(slot, part) { Used = Floor() });
    }

    /// <summary>A slice goes.</summary>
    public void Remove(int slot) => _sharers.Remove(slot);

    /// <summary>A slice has something to run, or has nothing any more.</summary>
    public void SetWork(int slot, bool hasWork)
    {
        if (!_sharers.TryGetValue(slot, out var sharer) || sharer.HasWork == hasWork)
        {
            return;
        }

        if (hasWork && IsConserving && Floor() is var floor && sharer.Used < floor)
        {
            sharer.Used = floor; // who was idle has not saved anything
        }

        sharer.HasWork = hasWork;
    }

    /// <summary>The next turn; null: nobody has work, and the GPU may rest until someone has.</summary>
    /// <param name="now">The time; only differences count.</param>
    public Turn? Next(TimeSpan now) => settings.Policy switch
    {
        _ when !HasWork => null,
        SharePolicy.BestEffort => NextOf(_sharers.Values.Where(sharer => sharer.HasWork)),
        SharePolicy.Weighted => LeastUsedWithinLimits(now),
        _ when _sharers.Values.Any(sharer => sharer.Weight > 0) || !settings.StrictRoundRobin => LeastUsed(Everybody()),
        SharePolicy.EqualShare => NextOf(_sharers.Values),
        _ => NextPosition(),
    };

    /// <summary>A turn has ended.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="used">How long the GPU was busy or kept for it, overrun included.</param>
    /// <param name="now">The time, as in <see cref="Next"/>.</param>
    public void Ended(Turn turn, TimeSpan used, TimeSpan now)
    {
        var sharer = turn.Slot == Turn.Nobody ? _nobody : _sharers.GetValueOrDefault(turn.Slot);
        if (sharer is null)
        {
            return;
        }

        sharer.Used += used / (settings.Policy == SharePolicy.Weighted ? Part(sharer) : WeightOf(sharer)) * WholeWeight;
        if (sharer.LimitPercent < WholeWeight)
        {
            var began = now - used;
            var from = sharer.MayRunAt > began ? sharer.MayRunAt : began;
            sharer.MayRunAt = from + (used * WholeWeight / sharer.LimitPercent);
        }

        if (turn.Length != TimeSpan.MaxValue && used > turn.Length)
        {
            sharer.Overshoot += used - turn.Length;
        }
    }

    private Turn? NextOf(IEnumerable<Sharer> sharers)
    {
        var candidates = sharers.ToArray();
        foreach (var sharer in candidates.Where(s => s.Slot > _last).Concat(candidates.Where(s => s.Slot <= _last)))
        {
            _last = sharer.Slot;
            var alone = IsConserving && candidates.Length == 1;
            if (alone)
            {
                return new Turn(sharer.Slot, TimeSpan.MaxValue);
            }

            if (Shortened(sharer) is var length && length > TimeSpan.Zero)
            {
                return new Turn(sharer.Slot, length);
            }
        }

        return new Turn(Turn.Nobody, TimeSpan.Zero); // all are paying back; ask again
    }

    /// <summary>Fixed share in strict order: a position that nobody has takes its turn, too.</summary>
    private Turn? NextPosition()
    {
        _position = (_position + 1) % Math.Max(positions, _sharers.Count);
        var sharer = _sharers.Values.ElementAtOrDefault(_position);
        return sharer is null
            ? new Turn(Turn.Nobody, Slice)
            : Shortened(sharer) is var length && length > TimeSpan.Zero
                ? new Turn(sharer.Slot, length)
                : new Turn(Turn.Nobody, TimeSpan.Zero);
    }

    private Turn? LeastUsed(IEnumerable<Sharer> sharers)
    {
        var candidates = sharers.ToArray();
        var next = candidates.MinBy(sharer => sharer.Used)!;
        return new Turn(next.Slot, IsConserving && candidates.Length == 1 ? TimeSpan.MaxValue : Slice);
    }

    /// <summary>Who has work and has not had all that it may; if none of them may run now, nobody's turn until one may.</summary>
    private Turn? LeastUsedWithinLimits(TimeSpan now)
    {
        var candidates = _sharers.Values.Where(sharer => sharer.HasWork && sharer.MayRunAt <= now).ToArray();
        return candidates switch
        {
            [] => new Turn(Turn.Nobody, _sharers.Values.Where(sharer => sharer.HasWork).Min(s => s.MayRunAt) - now),
            [{ LimitPercent: < WholeWeight } limited] => new Turn(limited.Slot, Slice),
            _ => LeastUsed(candidates),
        };
    }

    /// <summary>
    /// What a sharer gets of the GPU while those run that have work: its reservation, and of what is reserved for nobody
    /// who has work the part that its shares are of theirs.
    /// </summary>
    private double Part(Sharer sharer)
    {
        var (reserved, shares) = (0, 0);
        foreach (var other in _sharers.Values)
        {
            if (other.HasWork || other == sharer)
            {
                reserved += other.Weight;
                shares += other.Shares;
            }
        }

        var rest = Math.Max(0, WholeWeight - reserved);
        return Math.Max(1, sharer.Weight + ((double)rest * sharer.Shares / shares));
    }

    /// <summary>All sharers, and nobody with what they leave over, where that is lost.</summary>
    private IEnumerable<Sharer> Everybody()
    {
        var rest = settings.Policy != SharePolicy.FixedShare ? 0 : WholeWeight - _sharers.Values.Sum(WeightOf);
        if (rest <= 0)
        {
            return _sharers.Values;
        }

        if (_nobody.Weight != rest)
        {
            (_nobody.Weight, _nobody.Used) = (rest, Floor());
        }

        return _sharers.Values.Append(_nobody);
    }

    private TimeSpan Shortened(Sharer sharer)
    {
        var shorten = settings.Shorten(sharer.Overshoot, Slice);
        sharer.Overshoot -= shorten;
        return Slice - shorten;
    }

    private int WeightOf(Sharer sharer) =>
        sharer.Weight > 0 ? sharer.Weight : Math.Max(1, WholeWeight / Math.Max(1, positions));

    /// <summary>What the sharer that is furthest behind has used: where a new one begins.</summary>
    private TimeSpan Floor()
    {
        var counted = _sharers.Values.Where(sharer => !IsConserving || sharer.HasWork).ToArray();
        return counted.Length > 0 ? counted.Min(sharer => sharer.Used) : TimeSpan.Zero;
    }

    private sealed class Sharer(int slot, SharePart part)
    {
        public int Slot => slot;

        public int Weight { get; set; } = part.ReservedPercent;

        public int Shares => (int)part.Shares;

        public int LimitPercent => part.LimitPercent;

        /// <summary>Before then it would have more than its limit.</summary>
        public TimeSpan MayRunAt { get; set; } = TimeSpan.MinValue;

        public bool HasWork { get; set; }

        /// <summary>Time used, as if it had all of the GPU.</summary>
        public TimeSpan Used { get; set; }

        /// <summary>Time by which turns were overrun that is not made up for yet.</summary>
        public TimeSpan Overshoot { get; set; }
    }
}
