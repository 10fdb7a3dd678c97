using System.Numerics;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Preemption;

/// <summary>
/// Finds the cheapest sessions to make leave, so that a unit finds room, and never one more than that takes. On each
/// device (each host, where several devices are asked for) every set of those who may be made to leave is looked at
/// where they are few; otherwise the cheapest leave one by one until there is room, and then those that turn out not to
/// be needed stay after all.
/// </summary>
/// <param name="pool">Devices and who holds them.</param>
/// <param name="quotas">What is kept for whom.</param>
public sealed class PreemptionPlanner(PoolLoad pool, QuotaTree quotas)
{
    /// <summary>Up to so many candidates on a device all their sets are compared.</summary>
    private const int ComparedWhole = 10;

    /// <summary>Devices that are looked at for one unit.</summary>
    private const int DevicesTried = 4096;

    /// <summary>The cheapest plan; null if there is none.</summary>
    /// <param name="claimant">For whom; not a gang, whose members may have to go to several hosts.</param>
    /// <param name="now">The time.</param>
    /// <param name="taken">Devices that are kept for others.</param>
    /// <param name="leaving">Sessions that leave already.</param>
    public PreemptionPlan? Find(
        in Candidate claimant, DateTimeOffset now, IReadOnlySet<string> taken, IReadOnlySet<string> leaving)
    {
        if (claimant.Unit.IsGang || claimant.Unit.Class == JobClass.Scavenger)
        {
            return null;
        }

        var rules = new PreemptionRules(quotas, pool.Running.Values.Where(session => leaving.Contains(session.Session)));
        (Choice Choice, DeviceLoad[] Site)? best = null;
        var left = DevicesTried;
        foreach (var site in Sites(claimant.Unit.Members[0].Request, taken))
        {
            if (HasRoom(site, claimant.Unit, []))
            {
                return null; // it need only be tried
            }

            if (OnSite(site, rules, claimant, now, leaving) is { } choice
                && (best is null || choice.Cost.CompareTo(best.Value.Choice.Cost) < 0))
            {
                best = (choice, site);
            }

            left -= site.Length;
            if (left <= 0)
            {
                break;
            }
        }

        return best is not var (chosen, where) ? null
            : new PreemptionPlan(claimant.Unit, Serving(where, claimant.Unit, chosen.Victims), chosen.Victims);
    }

    /// <summary>Where the whole request could go: each device of that kind, or each host that has enough of them.</summary>
    private IEnumerable<DeviceLoad[]> Sites(GpuRequest request, IReadOnlySet<string> taken)
    {
        foreach (var host in pool.Hosts)
        {
            var ofKind = Array.FindAll(
                host, device => !taken.Contains(device.Name) && pool.Fit.IsOfKind(request, device.Gpu));
            if (request.Count == 1)
            {
                foreach (var device in ofKind)
                {
                    yield return [device];
                }
            }
            else if (ofKind.Length >= request.Count)
            {
                yield return ofKind;
            }
        }
    }

    private Choice? OnSite(
        DeviceLoad[] site,
        PreemptionRules rules,
        in Candidate claimant,
        DateTimeOffset now,
        IReadOnlySet<string> leaving)
    {
        var mayLeave = new List<(Victim Victim, VictimCost Cost)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var session in SessionsOn(site, claimant.Unit))
        {
            if (!leaving.Contains(session.Session) && seen.Add(session.Session)
                && rules.GroundFor(claimant, session) is not PreemptionGround.None and var ground)
            {
                mayLeave.Add((new Victim(session, ground), VictimCost.Of(session, now)));
            }
        }

        if (mayLeave.Count == 0 || !HasRoom(site, claimant.Unit, [.. mayLeave.Select(one => one.Victim)]))
        {
            return null;
        }

        mayLeave.Sort((a, b) => a.Cost.CompareTo(b.Cost) is not 0 and var order ? order
            : string.CompareOrdinal(a.Victim.Session.Session, b.Victim.Session.Session));
        return mayLeave.Count <= ComparedWhole
            ? Cheapest(site, rules, claimant, mayLeave)
            : OneByOne(site, rules, claimant, mayLeave);
    }

    private Choice? Cheapest(
        DeviceLoad[] site,
        PreemptionRules rules,
        in Candidate claimant,
        List<(Victim Victim, VictimCost Cost)> mayLeave)
    {
        Choice? best = null;
        for (var set = 1u; set < 1u << mayLeave.Count; set++)
        {
            var victims = new List<Victim>(BitOperations.PopCount(set));
            VictimCost? cost = null;
            for (var i = 0; i < mayLeave.Count; i++)
            {
                if ((set & (1u << i)) != 0)
                {
                    victims.Add(mayLeave[i].Victim);
                    cost = cost is { } sum ? sum + mayLeave[i].Cost : mayLeave[i].Cost;
                }
            }

            if ((best is null || cost!.Value.CompareTo(best.Value.Cost) < 0)
                && HasRoom(site, claimant.Unit, victims)
                && rules.MayAllLeave(claimant, victims))
            {
                best = new Choice(victims, cost!.Value);
            }
        }

        return best;
    }

    private Choice? OneByOne(
        DeviceLoad[] site,
        PreemptionRules rules,
        in Candidate claimant,
        List<(Victim Victim, VictimCost Cost)> mayLeave)
    {
        var victims = new List<Victim>();
        var costs = new Dictionary<string, VictimCost>(StringComparer.Ordinal);
        foreach (var (victim, cost) in mayLeave)
        {
            if (rules.MayAllLeave(claimant, [.. victims, victim]))
            {
                victims.Add(victim);
                costs[victim.Session.Session] = cost;
            }

            if (HasRoom(site, claimant.Unit, victims))
            {
                break;
            }
        }

        if (!HasRoom(site, claimant.Unit, victims))
        {
            return null;
        }

        for (var i = victims.Count - 1; i >= 0; i--)
        {
            var spared = victims[i];
            victims.RemoveAt(i);
            if (!HasRoom(site, claimant.Unit, victims))
            {
                victims.Insert(i, spared);
            }
        }

        return new Choice(victims, victims.Select(v => costs[v.Session.Session]).Aggregate((a, b) => a + b));
    }

    /// <summary>Who might leave: on other devices of the host, too, where its CPU or memory is asked for.</summary>
    private IEnumerable<RunningSession> SessionsOn(DeviceLoad[] site, WaitingUnit unit) =>
        unit.Members[0].HostDemand.TakesOfHost ? pool.SessionsOn(site[0].Host)
            : site.SelectMany(device => device.Slices).Select(held => held.Session);

    private bool HasRoom(DeviceLoad[] site, WaitingUnit unit, List<Victim> gone) =>
        Serving(site, unit, gone).Length >= unit.Members[0].Request.Count;

    /// <summary>The devices that serve the unit once some have left, no more of them than it takes.</summary>
    private string[] Serving(DeviceLoad[] site, WaitingUnit unit, IReadOnlyList<Victim> gone)
    {
        var request = unit.Members[0].Request;
        var serving = new List<string>(request.Count);
        bool IsGone(RunningSession session) => gone.Any(victim => victim.Session.Session == session.Session);
        if (!pool.HasShared(site[0].Host, unit.Members[0].HostDemand, IsGone))
        {
            return [];
        }

        foreach (var device in site)
        {
            var free = device.FreeWithout(IsGone);
            if (serving.Count < request.Count && pool.Fit.SurelyServes(request, free))
            {
                serving.Add(device.Name);
            }
        }

        return [.. serving];
    }

    private readonly record struct Choice(IReadOnlyList<Victim> Victims, VictimCost Cost);
}
