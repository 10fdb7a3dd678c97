using GpuActors.Scheduler.Queueing.Index;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <content>Which shapes may be tried, and what wakes them.</content>
public sealed partial class WaitingQueue
{
    /// <summary>Beyond so many freed devices, those who might use any of them may be tried whatever becomes of them.</summary>
    private const int FreedLimit = 256;

    /// <summary>Capacity was freed or came, and nobody says where: every shape may be tried again.</summary>
    public void CapacityFreed()
    {
        _freed.Clear();
        _keptReady.UnionWith(_kept.Keys);
        foreach (var shape in _shapes.Values)
        {
            SetState(shape, ShapeState.Fresh);
        }
    }

    /// <summary>Something of these devices was freed: shapes that it might serve may be tried again.</summary>
    public void CapacityFreed(params IReadOnlyList<FreedGpu> gpus)
    {
        if (gpus.Count > FreedLimit)
        {
            CapacityFreed();
            return;
        }

        if (_freed.Count + gpus.Count > FreedLimit)
        {
            foreach (var shape in _shapes.Values.Where(_freed.Wakes))
            {
                SetState(shape, ShapeState.Fresh);
            }

            _freed.Clear();
        }

        _events++;
        foreach (var gpu in gpus)
        {
            _freed.Add(gpu, _events);
        }

        foreach (var kept in _kept.Values)
        {
            if (gpus.Any(gpu => kept.Devices.Contains(gpu.Name)))
            {
                _keptReady.Add(kept.For);
            }
        }
    }

    /// <summary>What was freed is given away, in part or whole: those that it can't serve any more rest again.</summary>
    private void UseUp(SliceGrant[] grants)
    {
        var before = new List<FreedBefore>();
        foreach (var grant in grants)
        {
            if (_freed.UseUp(grant) is { } one)
            {
                before.Add(one);
            }
        }

        if (before.Count > 0 && TryCandidate(Head, out var head)
            && TryFindBefore(new TooLateSearch(_freed, before), head, out var first))
        {
            MakeHead(first.Unit.Id);
        }
    }

    private void SetState(WaitingShape shape, ShapeState state)
    {
        if (shape.State == state)
        {
            return;
        }

        shape.State = state;
        foreach (var group in shape.Groups)
        {
            _index.Refresh(group);
        }
    }

    /// <summary>What nobody waits for need not be remembered.</summary>
    private void ForgetFreedIfUseless()
    {
        if (_freed.Count > 0 && !_index.Any(new WokenSearch(_freed)))
        {
            _freed.Clear();
        }
    }

    /// <summary>Devices are not kept any more: those that were refused because they were may be tried there.</summary>
    private void WakeThoseKeptOff(Reservation former)
    {
        var areKnown = true;
        _events++;
        foreach (var device in former.Devices)
        {
            areKnown &= _freed.Lift(device, _events);
        }

        if (areKnown)
        {
            return;
        }

        foreach (var shape in _shapes.Values.Where(shape => shape.RefusedBesideReservation))
        {
            shape.RefusedBesideReservation = false;
            SetState(shape, ShapeState.Fresh);
        }
    }
}
