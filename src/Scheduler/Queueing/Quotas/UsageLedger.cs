using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>
/// Who uses how much of which quota, by session. A session is charged when the cell is asked for it, with the most that
/// it could get; what it did get is settled later. Each step may be told twice.
/// </summary>
public sealed class UsageLedger(QuotaTree quotas)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The tree that is charged.</summary>
    public QuotaTree Quotas => quotas;

    /// <summary>Sessions that are charged for.</summary>
    public int Count => _entries.Count;

    /// <summary>The session is charged for.</summary>
    public bool Contains(string session) => _entries.ContainsKey(session);

    /// <summary>Charges <paramref name="amount"/>; false if the session is charged for already.</summary>
    public bool Charge(string session, QuotaNode leaf, in ResourceVector amount, JobClass jobClass)
    {
        if (!_entries.TryAdd(session, new Entry(leaf, amount, jobClass)))
        {
            return false;
        }

        quotas.Charge(leaf, amount, jobClass);
        return true;
    }

    /// <summary>The session uses <paramref name="amount"/>, whatever it was charged.</summary>
    public void Settle(string session, in ResourceVector amount)
    {
        if (_entries.TryGetValue(session, out var entry))
        {
            quotas.Settle(entry.Leaf, entry.Amount, amount, entry.Class);
            _entries[session] = entry with { Amount = amount };
        }
    }

    /// <summary>The session uses nothing any more; false if it did not.</summary>
    public bool Refund(string session)
    {
        if (!_entries.Remove(session, out var entry))
        {
            return false;
        }

        quotas.Refund(entry.Leaf, entry.Amount, entry.Class);
        return true;
    }

    private readonly record struct Entry(QuotaNode Leaf, ResourceVector Amount, JobClass Class);
}
