
namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>
/// Where and by when one that found no room will surely be able to begin, by the time limits of those who are there. As
/// in EASY backfill (Lifka, The ANL/IBM SP scheduling system, 1995) only the first has a reservation; unlike there it is
/// for certain devices, because free capacity in pieces serves nobody. Where somebody's end is not known, and where not
/// even an empty device is sure to serve, there is no estimate.
/// </summary>
public static class HeadEstimate
{
    /// <summary>The earliest reservation among those looked at; null if there is none.</summary>
    /// <param name="pool">The devices and who holds them.</param>
    /// <param name="unit">For whom.</param>
    /// <param name="waiting">What is asked for.</param>
    /// <param name="now">The time.</param>
    /// <param name="kept">Devices that are kept for others.</param>
    /// <param name="devicesTried">How many devices are looked at before the best so far is taken.</param>
    public static Reservation? Of(
        PoolLoad pool,
        string unit,
        WaitingSession waiting,
        DateTimeOffset now,
        IReadOnlySet<string> kept,
        int devicesTried = int.MaxValue)
    {
        Reservation? best = null;
        foreach (var host in pool.Hosts)
        {
            if (OnHost(pool, Array.FindAll(host, device => !kept.Contains(device.Name)), waiting, now) is { } found
                && !(best?.Until <= found.Until))
            {
                best = new Reservation(unit, found.Devices, found.Until);
            }

            devicesTried -= host.Length;
            if (best is not null && devicesTried <= 0)
            {
                break;
            }
        }

        return best;
    }

    private static (string[] Devices, DateTimeOffset Until)? OnHost(
        PoolLoad pool, DeviceLoad[] host, WaitingSession waiting, DateTimeOffset now)
    {
        var count = waiting.Request.Count;
        if (count == 1)
        {
            (string[], DateTimeOffset)? best = null;
            var earliest = DateTimeOffset.MaxValue;
            foreach (var device in host)
            {
                if (On(pool, device, waiting, now) is { } at && at < earliest)
                {
                    (best, earliest) = (([device.Name], at), at);
                }
            }

            return best;
        }

        var all = new List<(string Name, DateTimeOffset At)>();
        foreach (var device in host)
        {
            if (On(pool, device, waiting, now) is { } at)
            {
                all.Add((device.Name, at));
            }
        }

        all.Sort((a, b) => a.At.CompareTo(b.At));
        return all.Count < count ? null
            : ([.. all.Take(count).Select(found => found.Name)], all[count - 1].At);
    }

    /// <summary>When a device will surely serve one part of the request; null if nobody can say.</summary>
    private static DateTimeOffset? On(PoolLoad pool, DeviceLoad device, WaitingSession waiting, DateTimeOffset now)
    {
        var (request, demand) = (waiting.Request, waiting.HostDemand);
        if (!pool.Fit.IsOfKind(request, device.Gpu))
        {
            return null;
        }

        if (pool.Fit.SurelyServes(request, device.Free) && pool.HasShared(device.Host, demand, _ => false))
        {
            return now;
        }

        var others = demand.TakesOfHost
            ? pool.SessionsOn(device.Host) : device.Slices.Select(held => held.Session);
        foreach (var end in others.Select(session => session.EndsBy).Distinct().Order(Comparer.Instance))
        {
            if (end is not { } at)
            {
                return null; // whoever else is there stays for nobody knows how long
            }

            bool HasEnded(RunningSession session) => session.EndsBy <= at;
            if (pool.Fit.SurelyServes(request, device.FreeWithout(HasEnded))
                && pool.HasShared(device.Host, demand, HasEnded))
            {
                return at > now ? at : now;
            }
        }

        return null;
    }

    /// <summary>Those whose end is not known come last.</summary>
    private sealed class Comparer : IComparer<DateTimeOffset?>
    {
        public static readonly Comparer Instance = new();

        public int Compare(DateTimeOffset? x, DateTimeOffset? y) =>
            (x ?? DateTimeOffset.MaxValue).CompareTo(y ?? DateTimeOffset.MaxValue);
    }
}
