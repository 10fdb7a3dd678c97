using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <content>Which shapes may be tried, and what wakes them.</content>
public sealed partial class WaitingQueue
{
    /// <summary>Beyond so many freed devices of which somebody may make use, all shapes are tried.</summary>
    private const int FreedLimit = 256;

    /// <summary>Shapes that may be tried.</summary>
    internal int AwakeCount => _awake.Count;

    /// <summary>Capacity was freed or came, and nobody says where: every shape may be tried again.</summary>
    public void CapacityFreed()
    {
        _freed.Clear();
        _keptReady.UnionWith(_kept.Keys);
        foreach (var shape in _resting)
        {
            shape.State = ShapeState.Fresh;
            _awake.Add(shape);
        }

        _resting.Clear();
        _beside.Clear();
    }

    /// <summary>Something of these devices was freed: shapes that it might serve may be tried again.</summary>
    public void CapacityFreed(params IReadOnlyList<FreedGpu> gpus)
    {
        if (_freed.Count + gpus.Count > FreedLimit)
        {
            CapacityFreed();
            return;
        }

        foreach (var gpu in gpus)
        {
            _freed[gpu.Name] = gpu;
        }

        foreach (var kept in _kept.Values)
        {
            if (gpus.Any(gpu => kept.Devices.Contains(gpu.Name)))
            {
                _keptReady.Add(kept.For);
            }
        }

        foreach (var shape in _resting)
        {
            if (MightUse(shape, gpus))
            {
                shape.State = ShapeState.Woken;
                _awake.Add(shape);
            }
        }

        _resting.ExceptWith(_awake);
        _beside.ExceptWith(_awake);
        ForgetFreedIfUseless();
    }

    /// <summary>What was freed is given away, in part or whole: those that it can't serve any more rest again.</summary>
    private void UseUp(SliceGrant[] grants)
    {
        var used = false;
        foreach (var grant in grants)
        {
            var name = $"{grant.Host}/{grant.GpuIndex}";
            if (_freed.TryGetValue(name, out var gpu))
            {
                _freed[name] = _pool.FreeOn(name) ?? gpu.Without(grant);
                used = true;
            }
        }

        if (!used)
        {
            return;
        }

        FreedGpu[] left = [.. _freed.Values];
        var tooLate = new List<WaitingShape>();
        foreach (var shape in _awake)
        {
            if (shape.State == ShapeState.Woken && !MightUse(shape, left))
            {
                shape.State = ShapeState.Resting;
                tooLate.Add(shape);
            }
        }

        _resting.UnionWith(tooLate);
        _awake.ExceptWith(tooLate);
        ForgetFreedIfUseless();
        tooLate.ForEach(shape => shape.Groups.ForEach(ConsiderAsHead));
    }

    private void SetState(WaitingShape shape, ShapeState state)
    {
        shape.State = state;
        var rests = state is ShapeState.Resting or ShapeState.Unservable;
        (rests ? _awake : _resting).Remove(shape);
        _beside.Remove(shape);
        (rests ? _resting : _awake).Add(shape);
        ForgetFreedIfUseless();
    }

    /// <summary>What nobody who is awake waits for need not be remembered.</summary>
    private void ForgetFreedIfUseless()
    {
        if (_freed.Count > 0 && _awake.Count == 0)
        {
            _freed.Clear();
        }
    }

    /// <summary>Devices are not kept any more: those that were refused because they were may be tried there.</summary>
    private void WakeThoseKeptOff(Reservation former)
    {
        var left = new List<FreedGpu>();
        var isKnown = true;
        foreach (var device in former.Devices)
        {
            if (_pool.FreeOn(device) is { } gpu)
            {
                left.Add(gpu);
                _freed[device] = gpu;
            }
            else
            {
                isKnown = false;
            }
        }

        foreach (var shape in _resting)
        {
            if (shape.RefusedBesideReservation && (!isKnown || MightUse(shape, left)))
            {
                shape.RefusedBesideReservation = false;
                shape.State = isKnown ? ShapeState.Woken : ShapeState.Fresh;
                _awake.Add(shape);
            }
        }

        _resting.ExceptWith(_awake);
        _beside.ExceptWith(_awake);
        ForgetFreedIfUseless();
    }

    private bool MightUse(WaitingShape shape, IReadOnlyList<FreedGpu> gpus)
    {
        foreach (var gpu in gpus)
        {
            if (_pool.MightServe(shape.Key.Request, gpu))
            {
                return true;
            }
        }

        return false;
    }
}
