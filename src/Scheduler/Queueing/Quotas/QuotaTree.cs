using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>
/// The queues of a pool with their quotas, and what each uses. A demand is served if every queue from its tenant to the
/// top has room for it: up to its quota, or, where it borrows, up to its limit. What a queue without quota uses is
/// borrowed as well: it is what nobody's quota wants.
/// </summary>
public sealed class QuotaTree
{
    private readonly Dictionary<string, QuotaNode> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<(QuotaNode Queue, string Tenant), QuotaNode> _leaves = [];
    private ResourceVector _capacity;
    private long _version;

    /// <summary>A tree of <paramref name="specs"/>; a queue called default is there in any case.</summary>
    /// <exception cref="ArgumentException">Two have one name, a parent is missing, or parents form a circle.</exception>
    public QuotaTree(IEnumerable<QueueSpec>? specs = null)
    {
        var all = new Dictionary<string, QueueSpec>(StringComparer.Ordinal);
        foreach (var spec in specs ?? [])
        {
            if (!all.TryAdd(spec.Name, spec))
            {
                throw new ArgumentException($"There are two queues '{spec.Name}'.");
            }
        }

        all.TryAdd(QueueSpec.DefaultName, new QueueSpec { Name = QueueSpec.DefaultName });
        foreach (var spec in all.Values)
        {
            Make(spec, all, []);
        }
    }

    /// <summary>The queues, those above before those below.</summary>
    public IEnumerable<QuotaNode> Queues => _queues.Values;

    /// <summary>The tenants that have had sessions, by queue.</summary>
    public IEnumerable<QuotaNode> Tenants => _leaves.Values;

    /// <summary>All that there is to share out.</summary>
    public ResourceVector Capacity
    {
        get => _capacity;
        set
        {
            _capacity = value;
            foreach (var node in _queues.Values.Concat(_leaves.Values))
            {
                Weigh(node);
                NoteChange(node);
            }
        }
    }

    /// <summary>
    /// Leaves of which the share, or what they run, has changed since somebody who keeps them in order took notice.
    /// </summary>
    internal List<QuotaNode> Changed { get; } = [];

    /// <summary>There is such a queue.</summary>
    public bool Contains(string queue) => _queues.ContainsKey(queue);

    /// <summary>The leaf of a tenant in a queue; one that is not there (any more) counts as default.</summary>
    public QuotaNode LeafOf(string queue, string tenant)
    {
        var node = _queues.GetValueOrDefault(queue) ?? _queues[QueueSpec.DefaultName];
        if (_leaves.TryGetValue((node, tenant), out var leaf))
        {
            return leaf;
        }

        var ceiling = ResourceVector.Unlimited with { GpuMilli = node.Limits.MaxGpuMilli };
        return _leaves[(node, tenant)] = new QuotaNode(tenant, node, null, ceiling, 1, node.Limits) { IsTenant = true };
    }

    /// <summary>Whether a demand may be served now.</summary>
    /// <param name="leaf">Whose it is.</param>
    /// <param name="demand">How much, at most.</param>
    /// <param name="jobClass">Scavengers have no quota; only how many of them a tenant may run is limited.</param>
    /// <param name="mayBorrow">It gives back what it borrowed when it is wanted.</param>
    /// <param name="members">Sessions.</param>
    public QuotaVerdict Check(
        QuotaNode leaf, in ResourceVector demand, JobClass jobClass, bool mayBorrow = true, int members = 1)
    {
        if (leaf.Running > leaf.Limits.MaxRunning - members)
        {
            return new QuotaVerdict(leaf, QuotaObstacle.Running, false);
        }

        if (jobClass == JobClass.Scavenger)
        {
            return default;
        }

        var (within, hasQuota) = (false, false);
        foreach (var node in leaf.Path)
        {
            var after = node.Used + demand;
            if (!after.Fits(node.Ceiling))
            {
                var isLimit = node.IsTenant || node.Quota is null || !node.Ceiling.Fits(node.Quota.Value);
                return new QuotaVerdict(node, isLimit ? QuotaObstacle.Limit : QuotaObstacle.Quota, false);
            }

            if (node.Quota is { } quota)
            {
                hasQuota = true;
                within = after.Fits(quota); // the lowest that has one decides: quotas above are made of those below
                if (!within && !mayBorrow)
                {
                    return new QuotaVerdict(node, QuotaObstacle.MustNotBorrow, true);
                }
            }
        }

        return new QuotaVerdict(null, QuotaObstacle.None, !(hasQuota && within));
    }

    /// <summary>
    /// The short form of <see cref="Check"/>, which is asked of every group whenever something is freed: what is left to a
    /// leaf is worked out once for all that it asks for.
    /// </summary>
    internal bool Admits(
        QuotaNode leaf, in ResourceVector demand, JobClass jobClass, bool mayBorrow, int members, out bool borrows)
    {
        borrows = false;
        if (leaf.Running > leaf.Limits.MaxRunning - members)
        {
            return false;
        }

        if (jobClass == JobClass.Scavenger)
        {
            return true;
        }

        var room = RoomOf(leaf);
        borrows = !(room.HasQuota && demand.Fits(room.Own));
        return demand.Fits(room.Ceiling) && (mayBorrow || !room.HasQuota || demand.Fits(room.Quota));
    }

    /// <summary>What is left to a leaf, or to all of a queue.</summary>
    internal QuotaRoom RoomOf(QuotaNode node) =>
        node.Room.Version == _version ? node.Room : node.Room = WorkOutRoomOf(node);

    private QuotaRoom WorkOutRoomOf(QuotaNode leaf)
    {
        var (own, quotas, ceiling, hasQuota) = (default(ResourceVector), ResourceVector.Unlimited, ResourceVector.Unlimited, false);
        foreach (var node in leaf.Path)
        {
            ceiling = ResourceVector.Min(ceiling, node.Ceiling - node.Used);
            if (node.Quota is { } quota)
            {
                own = quota - node.Used;
                quotas = ResourceVector.Min(quotas, own);
                hasQuota = true;
            }
        }

        return new QuotaRoom(_version, hasQuota, own, quotas, ceiling);
    }

    internal void Charge(QuotaNode leaf, in ResourceVector amount, JobClass jobClass)
    {
        NoteChange(leaf);
        foreach (var node in leaf.Path)
        {
            node.Running++;
            Use(node, amount, jobClass);
        }
    }

    internal void Settle(QuotaNode leaf, in ResourceVector former, in ResourceVector amount, JobClass jobClass)
    {
        NoteChange(leaf);
        foreach (var node in leaf.Path)
        {
            Use(node, amount - former, jobClass);
        }
    }

    internal void Refund(QuotaNode leaf, in ResourceVector amount, JobClass jobClass)
    {
        NoteChange(leaf);
        foreach (var node in leaf.Path)
        {
            node.Running--;
            Use(node, ResourceVector.Zero - amount, jobClass);
        }
    }

    internal static void CountWaiting(QuotaNode leaf, int change)
    {
        foreach (var node in leaf.Path)
        {
            node.Waiting += change;
        }
    }

    private void NoteChange(QuotaNode node)
    {
        if (node is { IsTenant: true, IsChanged: false })
        {
            node.IsChanged = true;
            Changed.Add(node);
        }
    }

    private void Use(QuotaNode node, in ResourceVector change, JobClass jobClass)
    {
        if (jobClass == JobClass.Scavenger)
        {
            node.Scavenged += change;
            return;
        }

        node.Used += change;
        _version++;
        Weigh(node);
    }

    private void Weigh(QuotaNode node) => node.Share = node.Used.DominantShareOf(_capacity) / node.Weight;

    private QuotaNode Make(QueueSpec spec, Dictionary<string, QueueSpec> all, HashSet<string> below)
    {
        if (_queues.TryGetValue(spec.Name, out var made))
        {
            return made;
        }

        if (!below.Add(spec.Name))
        {
            throw new ArgumentException($"Queue '{spec.Name}' is below itself.");
        }

        var parent = spec.Parent is null ? null
            : all.TryGetValue(spec.Parent, out var above) ? Make(above, all, below)
            : throw new ArgumentException($"Queue '{spec.Name}' has the parent '{spec.Parent}', which is not there.");
        var limit = spec.Limit ?? ResourceVector.Unlimited;
        var ceiling = spec.Quota is { } quota && !spec.Borrow ? ResourceVector.Min(quota, limit) : limit;
        return _queues[spec.Name] = new QuotaNode(spec.Name, parent, spec.Quota, ceiling, spec.Weight, spec.Tenants);
    }
}
