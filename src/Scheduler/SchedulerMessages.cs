using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SubmitJob))]
[JsonSerializable(typeof(JobSubmitted))]
[JsonSerializable(typeof(GetJob))]
[JsonSerializable(typeof(AwaitJob))]
[JsonSerializable(typeof(CancelJob))]
[JsonSerializable(typeof(GetDocument))]
[JsonSerializable(typeof(JobDocumentFound))]
[JsonSerializable(typeof(NoSuchJob))]
[JsonSerializable(typeof(GetSession))]
[JsonSerializable(typeof(AwaitSession))]
[JsonSerializable(typeof(EndSession))]
[JsonSerializable(typeof(SessionFound))]
[JsonSerializable(typeof(SubscribeJobEvents))]
[JsonSerializable(typeof(JobEventsSubscribed))]
[JsonSerializable(typeof(SlicesReserved))]
[JsonSerializable(typeof(SessionWaits))]
[JsonSerializable(typeof(SlicesLost))]
[JsonSerializable(typeof(ConfirmSlices))]
[JsonSerializable(typeof(AttemptHeld))]
[JsonSerializable(typeof(EnqueueSession))]
[JsonSerializable(typeof(WithdrawSession))]
[JsonSerializable(typeof(GetQueueLength))]
[JsonSerializable(typeof(QueueLength))]
[JsonSerializable(typeof(GetQueues))]
[JsonSerializable(typeof(CountWaiting))]
[JsonSerializable(typeof(WaitingCount))]
[JsonSerializable(typeof(YieldSlices))]
[JsonSerializable(typeof(PoolChanged))]
[JsonSerializable(typeof(ReserveSlices))]
[JsonSerializable(typeof(Reserved))]
[JsonSerializable(typeof(NoRoom))]
[JsonSerializable(typeof(ReleaseSlices))]
[JsonSerializable(typeof(CapacityFreed))]
[JsonSerializable(typeof(HostUp))]
[JsonSerializable(typeof(HostAlive))]
[JsonSerializable(typeof(AnnounceHost))]
[JsonSerializable(typeof(HostClosed))]
[JsonSerializable(typeof(HostGone))]
[JsonSerializable(typeof(SetGpuMode))]
[JsonSerializable(typeof(GpuModeAnswer))]
[JsonSerializable(typeof(ExplainPlacement))]
[JsonSerializable(typeof(PlacementExplained))]
[JsonSerializable(typeof(GetCellInventory))]
[JsonSerializable(typeof(CellInventory))]
[JsonSerializable(typeof(GetHost))]
[JsonSerializable(typeof(NoSuchHost))]
[JsonSerializable(typeof(GetHostUsage))]
[JsonSerializable(typeof(HostUsage))]
internal sealed partial class SchedulerMessagesJsonContext : JsonSerializerContext;

/// <summary>
/// The names under which messages travel between scheduler nodes. A name stands for one shape for ever: nodes of two
/// versions work together while a cluster is restarted node by node.
/// </summary>
internal static class SchedulerMessages
{
    /// <summary>Every message with its name.</summary>
    public static IReadOnlyList<(string Manifest, JsonTypeInfo Type)> All { get; } =
    [
        ("job.submit.v1", SchedulerMessagesJsonContext.Default.SubmitJob),
        ("job.submitted.v1", SchedulerMessagesJsonContext.Default.JobSubmitted),
        ("job.get.v1", SchedulerMessagesJsonContext.Default.GetJob),
        ("job.await.v1", SchedulerMessagesJsonContext.Default.AwaitJob),
        ("job.cancel.v1", SchedulerMessagesJsonContext.Default.CancelJob),
        ("job.get-document.v1", SchedulerMessagesJsonContext.Default.GetDocument),
        ("job.document.v1", SchedulerMessagesJsonContext.Default.JobDocumentFound),
        ("job.none.v1", SchedulerMessagesJsonContext.Default.NoSuchJob),
        ("job.subscribe.v1", SchedulerMessagesJsonContext.Default.SubscribeJobEvents),
        ("job.subscribed.v1", SchedulerMessagesJsonContext.Default.JobEventsSubscribed),
        ("job.status.v1", ApiJsonContext.Default.JobStatus),
        ("session.get.v1", SchedulerMessagesJsonContext.Default.GetSession),
        ("session.await.v1", SchedulerMessagesJsonContext.Default.AwaitSession),
        ("session.end.v1", SchedulerMessagesJsonContext.Default.EndSession),
        ("session.found.v1", SchedulerMessagesJsonContext.Default.SessionFound),
        ("session.slices-reserved.v1", SchedulerMessagesJsonContext.Default.SlicesReserved),
        ("session.waits.v1", SchedulerMessagesJsonContext.Default.SessionWaits),
        ("session.slices-lost.v1", SchedulerMessagesJsonContext.Default.SlicesLost),
        ("session.confirm-slices.v1", SchedulerMessagesJsonContext.Default.ConfirmSlices),
        ("session.attempt-held.v1", SchedulerMessagesJsonContext.Default.AttemptHeld),
        ("queue.enqueue.v1", SchedulerMessagesJsonContext.Default.EnqueueSession),
        ("queue.withdraw.v1", SchedulerMessagesJsonContext.Default.WithdrawSession),
        ("queue.get-length.v1", SchedulerMessagesJsonContext.Default.GetQueueLength),
        ("queue.length.v1", SchedulerMessagesJsonContext.Default.QueueLength),
        ("queue.get-all.v1", SchedulerMessagesJsonContext.Default.GetQueues),
        ("queue.all.v1", ApiJsonContext.Default.QueueList),
        ("queue.count-waiting.v1", SchedulerMessagesJsonContext.Default.CountWaiting),
        ("queue.waiting-count.v1", SchedulerMessagesJsonContext.Default.WaitingCount),
        ("queue.pool-changed.v1", SchedulerMessagesJsonContext.Default.PoolChanged),
        ("session.yield.v1", SchedulerMessagesJsonContext.Default.YieldSlices),
        ("queue.capacity-freed.v1", SchedulerMessagesJsonContext.Default.CapacityFreed),
        ("cell.reserve.v1", SchedulerMessagesJsonContext.Default.ReserveSlices),
        ("cell.is-reserved.v1", SchedulerMessagesJsonContext.Default.Reserved),
        ("cell.no-room.v1", SchedulerMessagesJsonContext.Default.NoRoom),
        ("cell.release.v1", SchedulerMessagesJsonContext.Default.ReleaseSlices),
        ("cell.host-up.v1", SchedulerMessagesJsonContext.Default.HostUp),
        ("cell.host-alive.v1", SchedulerMessagesJsonContext.Default.HostAlive),
        ("cell.host-closed.v1", SchedulerMessagesJsonContext.Default.HostClosed),
        ("cell.host-gone.v1", SchedulerMessagesJsonContext.Default.HostGone),
        ("cell.set-gpu-mode.v1", SchedulerMessagesJsonContext.Default.SetGpuMode),
        ("cell.gpu-mode.v1", SchedulerMessagesJsonContext.Default.GpuModeAnswer),
        ("cell.explain.v1", SchedulerMessagesJsonContext.Default.ExplainPlacement),
        ("cell.explained.v1", SchedulerMessagesJsonContext.Default.PlacementExplained),
        ("cell.get-inventory.v1", SchedulerMessagesJsonContext.Default.GetCellInventory),
        ("cell.inventory.v1", SchedulerMessagesJsonContext.Default.CellInventory),
        ("host.announce.v1", SchedulerMessagesJsonContext.Default.AnnounceHost),
        ("host.get.v1", SchedulerMessagesJsonContext.Default.GetHost),
        ("host.get-usage.v1", SchedulerMessagesJsonContext.Default.GetHostUsage),
        ("host.usage.v1", SchedulerMessagesJsonContext.Default.HostUsage),
        ("host.none.v1", SchedulerMessagesJsonContext.Default.NoSuchHost),
        ("host.status.v1", ApiJsonContext.Default.HostStatus),
    ];
}
