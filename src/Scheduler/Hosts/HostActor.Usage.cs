using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Hosts;

/// <content>What the host's slices use. Nothing of it is durable: the next report tells all anew.</content>
public sealed partial class HostActor
{
    /// <summary>A worker reports each second while sessions run, so silence means that none do, or that it is cut off.
    /// </summary>
    internal static readonly TimeSpan KeepUsage = TimeSpan.FromSeconds(10);

    private const int MaxSlicesKept = 10_000;

    private void OnUsage(ReportUsage report)
    {
        if (!HoldsLease || report.Incarnation != _registered!.Incarnation || !Sender.Equals(_worker))
        {
            return;
        }

        var known = report.Slices.Where(IsOfThisHost).Take(MaxSlicesKept);
        _usage = new HostUsage(_host, Now, [.. known]);
        ShowState();
    }

    private bool IsOfThisHost(SliceUsage usage) =>
        usage.Slice.StartsWith(_host + "/", StringComparison.Ordinal)
        && usage.Session.StartsWith(usage.Tenant + "/", StringComparison.Ordinal);

    private HostUsage FreshUsage() =>
        _usage is { } usage && Now - usage.ReportedAt < KeepUsage ? usage : new HostUsage(_host, Now, []);

    private void ShowState()
    {
        if (_registered is not null)
        {
            _regions.HostBoard.Show(_host, State, _usage);
        }
    }
}
