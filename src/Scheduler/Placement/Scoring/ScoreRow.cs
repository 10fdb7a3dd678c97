using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Scoring;

/// <summary>
/// The scores of all hosts for one class, in blocks with the maximum of each, so that a changed host costs one block and
/// the best host is found without looking at all.
/// </summary>
internal sealed class ScoreRow
{
    /// <summary>Hosts in a block.</summary>
    public const int BlockLength = 64;

    /// <summary>The score of a host that can't take the class.</summary>
    public const short Infeasible = short.MinValue;

    private short[] _scores = [];
    private short[] _maxima = [];

    /// <summary>Whose scores these are; null: nobody's.</summary>
    public RequestClass? Owner { get; private set; }

    /// <summary>The last change of the cluster that they know of.</summary>
    public long Seen { get; set; }

    /// <summary>How many hosts they are for.</summary>
    public int HostCount { get; private set; }

    /// <summary>What the policy had learned when they were computed.</summary>
    public int Generation { get; set; }

    /// <summary>When they were last asked for, as a count of askings.</summary>
    public long LastUse { get; set; }

    /// <summary>The largest score of each block.</summary>
    public ReadOnlySpan<short> Maxima => _maxima.AsSpan(0, BlocksOf(HostCount));

    /// <summary>A host's score.</summary>
    public short ScoreOf(int host) => _scores[host];

    /// <summary>The scores of a block.</summary>
    public ReadOnlySpan<short> Block(int block) =>
        _scores.AsSpan(block * BlockLength, Math.Min(BlockLength, HostCount - (block * BlockLength)));

    /// <summary>Memory in bytes.</summary>
    public static long BytesFor(int hosts) => sizeof(short) * ((long)hosts + BlocksOf(hosts));

    /// <summary>Takes it over for a class, all scores unknown.</summary>
    public void Begin(RequestClass owner, int hosts, int capacity)
    {
        Abandon();
        Owner = owner;
        owner.Row = this;
        HostCount = hosts;
        if (_scores.Length < hosts)
        {
            _scores = new short[capacity];
            _maxima = new short[BlocksOf(capacity)];
        }

        _scores.AsSpan(0, hosts).Fill(Infeasible);
        _maxima.AsSpan(0, BlocksOf(hosts)).Fill(Infeasible);
    }

    /// <summary>Hosts have joined: their scores are unknown. False if there is no room for them.</summary>
    public bool TryExtend(int hosts)
    {
        if (hosts > _scores.Length)
        {
            return false;
        }

        _scores.AsSpan(HostCount, hosts - HostCount).Fill(Infeasible);
        _maxima.AsSpan(BlocksOf(HostCount), BlocksOf(hosts) - BlocksOf(HostCount)).Fill(Infeasible);
        HostCount = hosts;
        return true;
    }

    /// <summary>It is nobody's any more.</summary>
    public void Abandon()
    {
        if (Owner is { } owner)
        {
            owner.Row = null;
            Owner = null;
        }

        LastUse = 0;
    }

    /// <summary>Sets a host's score.</summary>
    public void Set(int host, short score)
    {
        ref var place = ref _scores[host];
        var old = place;
        if (score == old)
        {
            return;
        }

        place = score;
        ref var maximum = ref _maxima[host / BlockLength];
        if (score > maximum)
        {
            maximum = score;
        }
        else if (old == maximum)
        {
            maximum = Scoring.Maxima.Of(Block(host / BlockLength));
        }
    }

    private static int BlocksOf(int hosts) => (hosts + BlockLength - 1) / BlockLength;
}
