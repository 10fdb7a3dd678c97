using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Placement.Scoring;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Decides where requests go: of the hosts that can take one, that with the policy's highest score, among equals that
/// with the lowest number. Scores are kept by class, so a decision costs what has changed since the class was asked for
/// last, and a look at the blocks' maxima. Nothing is allocated on the way. Not thread-safe.
/// </summary>
public sealed class PlacementEngine
{
    /// <summary>Memory for scores unless said otherwise, in bytes for each GPU.</summary>
    public const int DefaultBytesPerGpu = 256;

    private const int ThrowsLimit = 32;

    private readonly IPlacementPolicy _policy;
    private readonly IDeviceRules? _rules;
    private readonly ScoreCache _cache;
    private SplitMix64 _random;

    /// <summary>An engine over a cluster; it is the only one that changes it.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="policy">Decides what is good; serves no other engine.</param>
    /// <param name="seed">For policies that take any host.</param>
    /// <param name="bytesPerGpu">Memory for scores.</param>
    /// <param name="rules">Decide which GPUs take what; null: their free thousandths do.</param>
    public PlacementEngine(
        ClusterState state,
        IPlacementPolicy policy,
        ulong seed = 42,
        int bytesPerGpu = DefaultBytesPerGpu,
        IDeviceRules? rules = null)
    {
        (State, _policy, _rules) = (state, policy, rules);
        _cache = new ScoreCache(state, policy, rules, bytesPerGpu);
        _random = new SplitMix64(seed);
        Classes = new RequestClasses(state.Models);
    }

    /// <summary>What is free.</summary>
    public ClusterState State { get; }

    /// <summary>The classes of requests.</summary>
    public RequestClasses Classes { get; }

    /// <summary>What decides.</summary>
    public IPlacementPolicy Policy => _policy;

    /// <summary>How often a score was computed since the start.</summary>
    public long Evaluations => _cache.Evaluations;

    /// <summary>Memory of the scores that are kept, in bytes.</summary>
    public long ScoreBytes => _cache.Bytes;

    /// <summary>Tells the policy that a task has arrived: once for each, before it is tried first.</summary>
    public void Observe(RequestClass arrived) => _policy.Observe(arrived);

    /// <summary>Places a request and takes what it needs; false if no host can take it.</summary>
    /// <remarks>Costs a look-up of the class; who places many of a kind keeps the class.</remarks>
    public bool TryPlace(PlacementRequest request, out PlacedTask placed) =>
        TryPlace(Classes.Intern(request), request.HostMemoryMib, out placed, request.Labels);

    /// <summary>Places a request of a class and takes what it needs; false if no host can take it.</summary>
    public bool TryPlace(RequestClass request, int hostMemoryMib, out PlacedTask placed, TaskLabels? labels = null)
    {
        if (!TryChoose(request, hostMemoryMib, out placed))
        {
            return false;
        }

        placed = placed with { Labels = labels };
        State.Take(placed);
        return true;
    }

    /// <summary>Decides where a request would go and changes nothing; false if no host can take it.</summary>
    public bool TryChoose(RequestClass request, int hostMemoryMib, out PlacedTask place) =>
        TryChoose(request, hostMemoryMib, [], out place);

    /// <inheritdoc cref="TryChoose(RequestClass, int, out PlacedTask)"/>
    /// <param name="request">The class.</param>
    /// <param name="hostMemoryMib">Host memory in MiB.</param>
    /// <param name="avoid">Hosts to take only if no other can, such as those where earlier attempts died.</param>
    /// <param name="place">Where it would go.</param>
    public bool TryChoose(RequestClass request, int hostMemoryMib, ReadOnlySpan<int> avoid, out PlacedTask place)
    {
        var row = _cache.RowOf(request);
        var host = _policy.Selection == HostSelection.Uniform
            ? UniformOf(row, hostMemoryMib) : BestOf(row, hostMemoryMib);
        if (host >= 0 && avoid.Contains(host) && BestBut(row, hostMemoryMib, avoid) is >= 0 and var other)
        {
            host = other;
        }

        place = host < 0 ? default : On(host, request, hostMemoryMib);
        return host >= 0;
    }

    /// <summary>
    /// Places all members of a gang, each on one host and as many on the same as the policy likes, or none.
    /// </summary>
    /// <param name="member">What each member asks for.</param>
    /// <param name="hostMemoryMib">Host memory of each in MiB.</param>
    /// <param name="inOneRack">All in one rack: the first of those with least free where they fit.</param>
    /// <param name="placed">One place for each member; filled if the answer is true.</param>
    /// <param name="labels">Labels of each.</param>
    public bool TryPlaceGang(
        RequestClass member, int hostMemoryMib, bool inOneRack, Span<PlacedTask> placed, TaskLabels? labels = null) =>
        inOneRack ? TryPlaceInRack(member, hostMemoryMib, placed, labels) : TryPlaceAll(member, hostMemoryMib, null, placed, labels);

    /// <summary>Gives back what a task had.</summary>
    public void Release(in PlacedTask placed) => State.Release(placed);

    /// <summary>The host can take the request now.</summary>
    public bool IsFeasible(int host, RequestClass request, int hostMemoryMib)
    {
        Span<short> scratch = stackalloc short[HostSpec.GpuLimit];
        return State.MemoryFreeMib(host) >= hostMemoryMib
            && Feasibility.See(State, _rules, host, request, scratch, out _);
    }

    /// <summary>What a request would get on a host that can take it.</summary>
    public PlacedTask On(int host, RequestClass request, int hostMemoryMib)
    {
        Span<short> scratch = stackalloc short[HostSpec.GpuLimit];
        Feasibility.See(State, _rules, host, request, scratch, out var view);
        var devices = request.IsShare ? 1UL << DeviceFor(host, view, request)
            : Feasibility.DevicesOf(State, host, request, view.GpuFreeMilli);
        return new PlacedTask(host, devices, request.GpuMilli, request.CpuMilli, hostMemoryMib);
    }

    /// <summary>How the hosts that can take a request compare with one of them.</summary>
    public HostComparison Compare(RequestClass request, int hostMemoryMib, int host)
    {
        var row = _cache.RowOf(request);
        var (next, count) = (-1, 0);
        for (var other = 0; other < row.HostCount; other++)
        {
            if (CanTake(row, other, hostMemoryMib))
            {
                count++;
                next = other != host && (next < 0 || row.ScoreOf(other) > row.ScoreOf(next)) ? other : next;
            }
        }

        return new HostComparison(row.ScoreOf(host), next, next < 0 ? 0 : row.ScoreOf(next), count);
    }

    private int DeviceFor(int host, in HostView view, RequestClass request)
    {
        var device = _policy.ChooseDevice(view, request);
        return request.Request.Device is null || _rules is null
            ? device : _rules.Prefer(host, request, view.GpuFreeMilli, device);
    }

    private int BestOf(ScoreRow row, int hostMemoryMib)
    {
        var maxima = row.Maxima;
        var best = Maxima.Of(maxima);
        if (best == ScoreRow.Infeasible)
        {
            return -1;
        }

        for (var block = maxima.IndexOf(best); block < maxima.Length; block++)
        {
            if (maxima[block] == best && FirstIn(row, block, best, hostMemoryMib) is >= 0 and var host)
            {
                return host;
            }
        }

        return BestWithMemory(row, hostMemoryMib);
    }

    /// <summary>The first host of a block with that score and enough memory.</summary>
    private int FirstIn(ScoreRow row, int block, short score, int hostMemoryMib)
    {
        var scores = row.Block(block);
        for (var i = scores.IndexOf(score); i < scores.Length; i++)
        {
            var host = (block * ScoreRow.BlockLength) + i;
            if (scores[i] == score && State.Record(host).MemoryFreeMib >= hostMemoryMib)
            {
                return host;
            }
        }

        return -1;
    }

    /// <summary>The best host with enough memory, where none of the best scores has it.</summary>
    private int BestWithMemory(ScoreRow row, int hostMemoryMib) => BestBut(row, hostMemoryMib, []);

    private int BestBut(ScoreRow row, int hostMemoryMib, ReadOnlySpan<int> avoid)
    {
        var (best, bestScore) = (-1, ScoreRow.Infeasible);
        for (var block = 0; block < row.Maxima.Length; block++)
        {
            if (row.Maxima[block] <= bestScore)
            {
                continue;
            }

            var scores = row.Block(block);
            for (var i = NextAbove(scores, 0, bestScore); i >= 0; i = NextAbove(scores, i + 1, bestScore))
            {
                var host = (block * ScoreRow.BlockLength) + i;
                if (State.Record(host).MemoryFreeMib >= hostMemoryMib && !avoid.Contains(host))
                {
                    (best, bestScore) = (host, scores[i]);
                }
            }
        }

        return best;
    }

    private static int NextAbove(ReadOnlySpan<short> scores, int from, short score)
    {
        var found = scores[from..].IndexOfAnyInRange((short)(score + 1), short.MaxValue);
        return found < 0 ? -1 : from + found;
    }

    private int BestAmong(ScoreRow row, List<int> hosts, int hostMemoryMib)
    {
        var (best, bestScore) = (-1, ScoreRow.Infeasible);
        foreach (var host in hosts)
        {
            if (row.ScoreOf(host) > bestScore && State.Record(host).MemoryFreeMib >= hostMemoryMib)
            {
                (best, bestScore) = (host, row.ScoreOf(host));
            }
        }

        return best;
    }

    private bool TryPlaceInRack(RequestClass member, int hostMemoryMib, Span<PlacedTask> placed, TaskLabels? labels)
    {
        var wanted = (long)member.DemandMilli * placed.Length;
        var racks = State.Racks.Values.Select(hosts => (Hosts: hosts, Free: hosts.Sum(h => (long)State.Record(h).GpuFreeMilli)))
            .Where(rack => rack.Free >= wanted).OrderBy(rack => rack.Free);
        foreach (var (hosts, _) in racks)
        {
            if (TryPlaceAll(member, hostMemoryMib, hosts, placed, labels))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Members are alike, so one after the other finds room for all if there is any.</summary>
    private bool TryPlaceAll(
        RequestClass member, int hostMemoryMib, List<int>? hosts, Span<PlacedTask> placed, TaskLabels? labels)
    {
        for (var i = 0; i < placed.Length; i++)
        {
            var row = _cache.RowOf(member);
            var host = hosts is null ? BestOf(row, hostMemoryMib) : BestAmong(row, hosts, hostMemoryMib);
            if (host < 0)
            {
                while (--i >= 0)
                {
                    State.Release(placed[i]);
                }

                return false;
            }

            placed[i] = On(host, member, hostMemoryMib) with { Labels = labels };
            State.Take(placed[i]);
        }

        return true;
    }

    /// <summary>
    /// Any of the hosts that can take it. Throwing again where a host can't keeps all others equally probable; only
    /// where they are few they are counted.
    /// </summary>
    private int UniformOf(ScoreRow row, int hostMemoryMib)
    {
        for (var thrown = 0; thrown < ThrowsLimit && row.HostCount > 0; thrown++)
        {
            var host = _random.Below(row.HostCount);
            if (CanTake(row, host, hostMemoryMib))
            {
                return host;
            }
        }

        var count = 0;
        for (var host = NextFeasible(row, 0, hostMemoryMib); host >= 0; host = NextFeasible(row, host + 1, hostMemoryMib))
        {
            count++;
        }

        if (count == 0)
        {
            return -1;
        }

        var chosen = NextFeasible(row, 0, hostMemoryMib);
        for (var skip = _random.Below(count); skip > 0; skip--)
        {
            chosen = NextFeasible(row, chosen + 1, hostMemoryMib);
        }

        return chosen;
    }

    private int NextFeasible(ScoreRow row, int from, int hostMemoryMib)
    {
        for (var host = from; host < row.HostCount; host++)
        {
            if (CanTake(row, host, hostMemoryMib))
            {
                return host;
            }
        }

        return -1;
    }

    private bool CanTake(ScoreRow row, int host, int hostMemoryMib) =>
        row.ScoreOf(host) != ScoreRow.Infeasible && State.Record(host).MemoryFreeMib >= hostMemoryMib;
}
