using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Actors;

/// <content>What the worker tells of itself: to the scheduler what its slices use, to operators how it is.</content>
public sealed partial class WorkerActor
{
    private static readonly TimeSpan UsageInterval = TimeSpan.FromSeconds(1);

    private readonly ISliceUsageSource? _usage;
    private bool _usageReported;

    /// <summary>While sessions run, and once when the last ended. The scheduler forgets what isn't repeated.</summary>
    private void ReportUsage()
    {
        var slices = _usage!.ReadAll();
        if (_twin is not null && (slices.Count > 0 || _usageReported))
        {
            var report = new ReportUsage(
                _identity.Host, _identity.Incarnation, [.. slices.Take(_settings.MaxSlicesReported)]);
            _twin.Tell(report, Self);
            _usageReported = slices.Count > 0;
        }
    }

    private Health HealthNow() => _leaver is not null
        ? new Health { Status = HealthState.Stopping, Detail = "The worker is being stopped." }
        : _lease.HoldsAt(Now) ? new Health { Status = HealthState.Ok }
        : _lease.EndsAt == TimeSpan.MinValue
        ? new Health { Status = HealthState.Starting, Detail = "No scheduler has taken this worker yet." }
        : new Health { Status = HealthState.Failing, Detail = "No scheduler answers, and the host's lease has ended." };

    private sealed record UsageDue
    {
        public static readonly UsageDue Instance = new();
    }
}
