namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// Which hosts have a label, and on which hosts tasks run that have one. A label that nobody has takes no memory.
/// </summary>
internal sealed class LabelTable
{
    private readonly Dictionary<string, HashSet<int>> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<int, int>> _tasks = new(StringComparer.Ordinal);

    /// <summary>The host has these labels, and no others.</summary>
    public void SetHost(int host, IEnumerable<string> before, IEnumerable<string> after)
    {
        foreach (var label in before)
        {
            if (_hosts.TryGetValue(label, out var hosts) && hosts.Remove(host) && hosts.Count == 0)
            {
                _hosts.Remove(label);
            }
        }

        foreach (var label in after)
        {
            if (!_hosts.TryGetValue(label, out var hosts))
            {
                _hosts[label] = hosts = [];
            }

            hosts.Add(host);
        }
    }

    public bool HostHas(int host, string label) => _hosts.TryGetValue(label, out var hosts) && hosts.Contains(host);

    public bool TaskHas(int host, string label) => _tasks.TryGetValue(label, out var hosts) && hosts.ContainsKey(host);

    /// <summary>A task with labels came (1) or went (-1).</summary>
    public void CountTask(int host, TaskLabels labels, int change)
    {
        foreach (var label in labels.All)
        {
            if (!_tasks.TryGetValue(label, out var hosts))
            {
                _tasks[label] = hosts = [];
            }

            var count = hosts.GetValueOrDefault(host) + change;
            if (count > 0)
            {
                hosts[host] = count;
            }
            else if (hosts.Remove(host) && hosts.Count == 0)
            {
                _tasks.Remove(label);
            }
        }
    }
}
