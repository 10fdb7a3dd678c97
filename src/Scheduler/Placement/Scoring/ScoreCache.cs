using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Scoring;

/// <summary>
/// Score rows of the classes that were asked for lately, as many as a bound on memory allows; who was not asked for
/// longest gives its row up.
/// </summary>
internal sealed class ScoreCache(ClusterState state, IPlacementPolicy policy, IDeviceRules? rules, int bytesPerGpu)
{
    private const int RowsAtLeast = 16;

    private readonly List<ScoreRow> _rows = [];
    private long _uses;

    /// <summary>Memory of all rows in bytes.</summary>
    public long Bytes => _rows.Count * ScoreRow.BytesFor(state.HostCapacity);

    /// <summary>How often a score was computed since the start.</summary>
    public long Evaluations { get; private set; }

    /// <summary>The scores of all hosts as they are now.</summary>
    public ScoreRow RowOf(RequestClass request)
    {
        var row = request.Row;
        if (row is null || row.Generation != policy.Generation || !row.TryExtend(state.HostCount))
        {
            row = Begin(request, row);
        }
        else if (row.Seen != state.Changes.Last)
        {
            CatchUp(row, request);
        }

        row.LastUse = ++_uses;
        return row;
    }

    /// <summary>The score of a host as it is now.</summary>
    public short ScoreOf(int host, RequestClass request)
    {
        if (!request.IsPlain)
        {
            return ScoreWithTerms(host, request);
        }

        ref readonly var record = ref state.Record(host);
        if (!Feasibility.Of(state, host, in record, request))
        {
            return ScoreRow.Infeasible;
        }

        Evaluations++;
        return InRange(policy.Score(new HostView(in record, state.GpusOf(in record)), request));
    }

    private short ScoreWithTerms(int host, RequestClass request)
    {
        Span<short> scratch = stackalloc short[HostSpec.GpuLimit];
        if (!Feasibility.See(state, rules, host, request, scratch, out var view))
        {
            return ScoreRow.Infeasible;
        }

        Evaluations++;
        return (short)(InRange(policy.Score(view, request)) - Feasibility.Penalty(state, host, request));
    }

    private static short InRange(int score) => (short)Math.Clamp(score, -PolicyScore.Limit, PolicyScore.Limit);

    private ScoreRow Begin(RequestClass request, ScoreRow? row)
    {
        row ??= Spare();
        row.Begin(request, state.HostCount, state.HostCapacity);
        row.Generation = policy.Generation;
        row.Seen = state.Changes.Last;
        for (var host = 0; host < state.HostCount; host++)
        {
            row.Set(host, ScoreOf(host, request));
        }

        return row;
    }

    private void CatchUp(ScoreRow row, RequestClass request)
    {
        var changes = state.Changes;
        if (!changes.Reaches(row.Seen))
        {
            CatchUpAll(row, request);
            return;
        }

        for (var number = row.Seen + 1; number <= changes.Last; number++)
        {
            var host = changes.HostOf(number);
            if (changes.LastOf(host) == number) // otherwise it comes again
            {
                row.Set(host, ScoreOf(host, request));
            }
        }

        row.Seen = changes.Last;
    }

    private void CatchUpAll(ScoreRow row, RequestClass request)
    {
        var changes = state.Changes;
        for (var host = 0; host < state.HostCount; host++)
        {
            if (changes.LastOf(host) > row.Seen)
            {
                row.Set(host, ScoreOf(host, request));
            }
        }

        row.Seen = changes.Last;
    }

    /// <summary>One more row, or the one that was not asked for longest.</summary>
    private ScoreRow Spare()
    {
        var rowBytes = ScoreRow.BytesFor(state.HostCapacity);
        var limit = Math.Max(RowsAtLeast, (long)bytesPerGpu * state.GpuCount / Math.Max(1, rowBytes));
        if (_rows.Count < limit)
        {
            var added = new ScoreRow();
            _rows.Add(added);
            return added;
        }

        var oldest = _rows[0];
        foreach (var row in _rows)
        {
            oldest = row.LastUse < oldest.LastUse ? row : oldest;
        }

        return oldest;
    }
}
