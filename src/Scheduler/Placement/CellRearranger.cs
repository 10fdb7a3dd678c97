using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>A session that would have to move.</summary>
/// <param name="Session">Its id.</param>
/// <param name="From">What it has.</param>
/// <param name="To">What it would get.</param>
public sealed record SessionMove(string Session, SliceGrant From, SliceGrant To);

/// <summary>
/// Proposes moves of one session, or of two on the same host, that would make room in a live cell: the cheapest first, by
/// the part of a GPU that moves, and only smaller ones than the request. Each is tried on the cell itself, with the layouts
/// of its GPUs, and taken back before anything else is decided. A session that moves is taken to want the same model again,
/// since the cell does not know what else it would take.
/// </summary>
/// <param name="cell">Devices and reservations.</param>
/// <param name="engine">Decides for that cell.</param>
internal sealed class CellRearranger(CellState cell, CellEngine engine)
{
    /// <summary>So many sets of sessions are tried: a proposal is for people, and the cell has others to serve.</summary>
    private const int TriesLimit = 256;

    private const string Trial = "/proposed"; // no session's id: those have a tenant

    private readonly List<Candidate> _movable = [];

    /// <summary>The moves; none if no such set makes room.</summary>
    public IReadOnlyList<SessionMove> Propose(GpuRequest request, HostNeeds needs)
    {
        var limit = request.Whole ? int.MaxValue : CostOf(request);
        _movable.Clear();
        _movable.AddRange(cell.Reservations.Where(owned => IsMovable(owned.Value))
            .Select(owned => new Candidate(owned.Key, owned.Value, CostOf(owned.Value.Slices[0])))
            .Where(candidate => candidate.Cost < limit)
            .OrderBy(candidate => candidate.Cost).ThenBy(candidate => candidate.Session, StringComparer.Ordinal));
        return Singles().Concat(Pairs()).Take(TriesLimit)
            .Select(set => Try(set, request, needs)).FirstOrDefault(moves => moves.Count > 0) ?? [];
    }

    private IEnumerable<Candidate[]> Singles() => _movable.Select(one => (Candidate[])[one]);

    private IEnumerable<Candidate[]> Pairs() =>
        from host in _movable.Take(TriesLimit).GroupBy(candidate => candidate.Host)
        from first in host
        from second in host
        where string.CompareOrdinal(first.Session, second.Session) < 0
        orderby first.Cost + second.Cost
        select (Candidate[])[first, second];

    /// <summary>Its slice lies where it is said to, on a host that may be given others.</summary>
    private bool IsMovable(Reservation owned) => owned.Slices is [var slice] && cell.IsAvailable(slice.Host)
        && cell.Find(slice.Host, slice.GpuIndex) is { HasMisfits: false } gpu && gpu.HostLease == slice.HostLease;

    private IReadOnlyList<SessionMove> Try(Candidate[] set, GpuRequest request, HostNeeds needs)
    {
        var taken = new List<string>();
        var moves = new List<SessionMove>();
        foreach (var one in set)
        {
            cell.Release(one.Session, one.Owned.Epoch, out _);
        }

        var found = Take(Trial, request, needs, taken) is not null;
        foreach (var one in set)
        {
            var asked = RequestOf(one.Owned.Slices[0]);
            var taking = one.Owned.Taken is { } has ? new HostNeeds(has.CpuMilli, has.MemoryBytes, [], []) : HostNeeds.Nothing;
            if (found && Take($"{Trial}/{one.Session}", asked, taking, taken) is { } to)
            {
                moves.Add(new SessionMove(one.Session, one.Owned.Slices[0], to));
            }
        }

        taken.ForEach(session => cell.Release(session, cell.Reservations[session].Epoch, out _));
        foreach (var one in set)
        {
            cell.Apply(one.Owned.As(one.Session));
        }

        return moves.Count == set.Length ? moves : [];
    }

    /// <summary>Reserves what the engine chooses, for the time of the trial; null if there is no room.</summary>
    private SliceGrant? Take(string session, GpuRequest request, HostNeeds needs, List<string> taken)
    {
        if (!engine.TryChoose(request, needs, out var slices))
        {
            return null;
        }

        cell.Reserve(session, cell.LastEpoch, slices, default, taken: needs.Taken);
        taken.Add(session);
        return slices[0];
    }

    /// <summary>What a session asked for as far as its slice tells.</summary>
    private GpuRequest RequestOf(SliceGrant slice)
    {
        var same = new GpuRequest { Model = cell.Find(slice.Host, slice.GpuIndex)!.Inventory.Model };
        return slice.Whole ? same with { Whole = true }
            : slice.Profile is { } profile ? same with { Profile = profile }
            : slice.ModeOrDefault == GpuMode.Sriov ? same with { Function = true }
            : same with
            {
                MemoryBytes = slice.MemoryBytes,
                ComputePercent = slice.ComputePercent,
                Shares = slice.Shares,
                ComputeLimitPercent = slice.LimitPercent,
            };
    }

    /// <summary>Thousandths of a GPU.</summary>
    private int CostOf(SliceGrant slice) => slice.Whole ? 1000
        : (int)Math.Max(
            10L * slice.ComputePercent,
            1000 * slice.MemoryBytes / Math.Max(1, cell.Find(slice.Host, slice.GpuIndex)!.Layout.MemoryBytes));

    private int CostOf(GpuRequest request) => cell.Capacity.RequestOf(request, HostNeeds.Nothing).DemandMilli;

    private sealed record Candidate(string Session, Reservation Owned, int Cost)
    {
        public string Host => Owned.Slices[0].Host;
    }
}
