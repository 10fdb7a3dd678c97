namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// The last changes by number, oldest first, so that who knew the hosts as they were at some change need look only at
/// those that changed since. A ring: who comes too late compares <see cref="LastOf"/> of all hosts instead.
/// </summary>
internal sealed class ChangeLog
{
    private const int Length = 1 << 14;

    private readonly int[] _hosts = new int[Length];
    private long[] _lastOf = [];

    /// <summary>The number of the last change; the first has 1.</summary>
    public long Last { get; private set; }

    /// <summary>All changes after number <paramref name="seen"/> are still known.</summary>
    public bool Reaches(long seen) => Last - seen <= Length;

    /// <summary>The host of change <paramref name="number"/>.</summary>
    public int HostOf(long number) => _hosts[number & (Length - 1)];

    /// <summary>The number of a host's last change.</summary>
    public long LastOf(int host) => _lastOf[host];

    public void Add(int host)
    {
        Last++;
        _hosts[Last & (Length - 1)] = host;
        _lastOf[host] = Last;
    }

    public void Reserve(int hosts) => Array.Resize(ref _lastOf, hosts);
}
