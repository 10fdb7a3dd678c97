using System.Numerics;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Picks places for requests in a live cell, with the engine that the simulator uses. It reads the cell and changes
/// nothing in it; what it decides is applied when it is known that it will be durable.
/// </summary>
public sealed class CellEngine
{
    private readonly CellState _cell;
    private readonly PlacementEngine _engine;
    private readonly AwaitedLabels _awaited = new();

    /// <summary>Decides for a cell.</summary>
    /// <param name="cell">Devices and reservations.</param>
    /// <param name="policy">A policy's name.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public CellEngine(CellState cell, string policy)
    {
        _cell = cell;
        var state = cell.Capacity.State;
        _engine = new PlacementEngine(
            state, PlacementPolicies.Create(policy, new PolicySettings(state)), rules: cell.Capacity);
    }

    /// <summary>Decides where <paramref name="request"/> goes.</summary>
    /// <param name="request">What is asked of GPUs.</param>
    /// <param name="avoid">Hosts to use only if nothing else fits, such as those where earlier attempts died.</param>
    /// <param name="forbidden">Devices, <c>HOST/INDEX</c>, that are kept for others.</param>
    /// <param name="needs">What is asked of the host, and of neighbours there; null: nothing.</param>
    public PlacementDecision Decide(
        GpuRequest request, IReadOnlySet<string> avoid, string[]? forbidden = null, HostNeeds? needs = null)
    {
        _cell.Capacity.Keep(forbidden ?? []);
        needs ??= HostNeeds.Nothing;
        var asked = Intern(request, needs);
        return _engine.TryChoose(asked, needs.MemoryMib, NumbersOf(avoid), out var place)
            ? new PlacementDecision(Grant(asked, request, place), null) { Choice = Choice(asked, place) }
            : Refuse(asked, request, needs);
    }

    /// <summary>Decides where a request would go, and asks for no reasons; false if there is no room.</summary>
    internal bool TryChoose(GpuRequest request, HostNeeds needs, out SliceGrant[] slices)
    {
        _cell.Capacity.Keep([]);
        var asked = Intern(request, needs);
        var fits = _engine.TryChoose(asked, needs.MemoryMib, out var place);
        slices = fits ? Grant(asked, request, place) : [];
        return fits;
    }

    /// <summary>A request got its slices: the policy learns that such requests come.</summary>
    public void Observe(GpuRequest request, HostNeeds? needs = null) =>
        _engine.Observe(Intern(request, needs ?? HostNeeds.Nothing));

    /// <summary>Somebody was refused because of where jobs with one of these labels run, or don't.</summary>
    internal bool IsAwaited(TaskLabels labels) => _awaited.Contains(labels);

    private RequestClass Intern(GpuRequest request, HostNeeds needs) =>
        _engine.Classes.Intern(_cell.Capacity.RequestOf(request, needs));

    private int[] NumbersOf(IReadOnlySet<string> hosts) =>
        hosts.Count == 0 ? [] : [.. hosts.Select(_cell.Capacity.NumberOf).Where(number => number >= 0)];

    private SliceGrant[] Grant(RequestClass asked, GpuRequest request, in PlacedTask place)
    {
        var grants = new List<SliceGrant>(place.GpuCount);
        var gpus = _cell.Capacity.GpusOf(place.Host);
        for (var left = place.Devices; left != 0; left &= left - 1)
        {
            var gpu = gpus[BitOperations.TrailingZeroCount(left)];
            if (!_cell.Capacity.TryFind(gpu, asked, out var slice))
            {
                throw new InvalidOperationException($"{request} was to go on {gpu.Host}/{gpu.Inventory.Index}, where it has no place.");
            }

            grants.Add(gpu.Grant(slice, request));
        }

        return [.. grants];
    }

    private PlacementChoice Choice(RequestClass asked, in PlacedTask place)
    {
        var state = _cell.Capacity.State;
        var compared = _engine.Compare(asked, place.HostMemoryMib, place.Host);
        return new PlacementChoice(
            _engine.Policy.Name,
            state.NameOf(place.Host),
            compared.Score,
            compared.Next < 0 ? null : state.NameOf(compared.Next),
            compared.Next < 0 ? null : compared.NextScore,
            compared.HostsWithRoom);
    }

    /// <summary>Looks at every device for the reasons, unless nothing has changed since it did.</summary>
    private PlacementDecision Refuse(RequestClass asked, GpuRequest request, HostNeeds needs)
    {
        _awaited.Add(needs.TermSet);
        var change = _cell.Capacity.State.Changes.Last;
        if (asked.Refusal is not { } known || known.Change != change || known.HostMemoryMib != needs.MemoryMib)
        {
            asked.Refusal = known =
                (change, needs.MemoryMib, Reasons(request, needs) with { IsOwnWish = IsOwnWish(request, needs) });
        }

        return known.Decision;
    }

    private bool IsOwnWish(GpuRequest request, HostNeeds needs)
    {
        var others = Array.FindAll(needs.Terms, term => term is not { Subject: TermSubject.Tasks, IsMust: true });
        return others.Length < needs.Terms.Length
            && _engine.TryChoose(Intern(request, needs.WithTerms(others)), needs.MemoryMib, out _);
    }

    private PlacementDecision Reasons(GpuRequest request, HostNeeds needs)
    {
        var refusals = new RefusalTally(request, new HostBarriers(_cell, request, needs));
        foreach (var (host, gpus) in _cell.Hosts)
        {
            if (!_cell.IsAvailable(host))
            {
                refusals.HostUnavailable();
            }
            else if (!_cell.HasSlot(host))
            {
                refusals.NoSlot(host, gpus);
            }
            else if (refusals.MayUse(host, gpus))
            {
                refusals.TooFewOnHost(FittingOf(gpus, refusals), host, gpus);
            }
        }

        return new PlacementDecision([], refusals.Sentence(), refusals.CouldFit) { Reasons = refusals.Reasons() };
    }

    private ulong FittingOf(GpuState[] gpus, RefusalTally refusals)
    {
        var fitting = 0UL;
        for (var i = 0; i < gpus.Length && i < HostSpec.GpuLimit; i++)
        {
            fitting |= MayTake(gpus[i], refusals) ? 1UL << i : 0;
        }

        return fitting;
    }

    private bool MayTake(GpuState gpu, RefusalTally refusals)
    {
        if (!_cell.Capacity.IsKept(gpu))
        {
            return refusals.Admits(gpu, out _);
        }

        refusals.Kept();
        return false;
    }
}
