using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;

namespace GpuActors.Scheduler;

/// <summary>Source-generated JSON of what the scheduler's actors persist.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JobAccepted))]
[JsonSerializable(typeof(SessionPlaced))]
[JsonSerializable(typeof(SessionStarted))]
[JsonSerializable(typeof(AttemptLost))]
[JsonSerializable(typeof(AttemptPreempted))]
[JsonSerializable(typeof(SessionCompleted))]
[JsonSerializable(typeof(SessionFailed))]
[JsonSerializable(typeof(SessionCancelled))]
[JsonSerializable(typeof(SessionReleased))]
[JsonSerializable(typeof(SlicesGivenBack))]
[JsonSerializable(typeof(SliceReserved))]
[JsonSerializable(typeof(SliceReleased))]
[JsonSerializable(typeof(GpuModeSet))]
[JsonSerializable(typeof(CellSnapshot))]
[JsonSerializable(typeof(HostRegistered))]
[JsonSerializable(typeof(HostLeaseEnded))]
internal sealed partial class SchedulerEventsJsonContext : JsonSerializerContext;

/// <summary>The names under which the scheduler's events are stored; a name stands for one shape for ever.</summary>
internal static class SchedulerEvents
{
    /// <summary>Every event and snapshot with its name.</summary>
    public static IReadOnlyList<(string Manifest, JsonTypeInfo Type)> All { get; } =
    [
        ("session.accepted.v1", SchedulerEventsJsonContext.Default.JobAccepted),
        ("session.placed.v1", SchedulerEventsJsonContext.Default.SessionPlaced),
        ("session.started.v1", SchedulerEventsJsonContext.Default.SessionStarted),
        ("session.attempt-lost.v1", SchedulerEventsJsonContext.Default.AttemptLost),
        ("session.attempt-preempted.v1", SchedulerEventsJsonContext.Default.AttemptPreempted),
        ("session.completed.v1", SchedulerEventsJsonContext.Default.SessionCompleted),
        ("session.failed.v1", SchedulerEventsJsonContext.Default.SessionFailed),
        ("session.cancelled.v1", SchedulerEventsJsonContext.Default.SessionCancelled),
        ("session.released.v1", SchedulerEventsJsonContext.Default.SessionReleased),
        ("session.slices-given-back.v1", SchedulerEventsJsonContext.Default.SlicesGivenBack),
        ("cell.reserved.v1", SchedulerEventsJsonContext.Default.SliceReserved),
        ("cell.released.v1", SchedulerEventsJsonContext.Default.SliceReleased),
        ("cell.gpu-mode-set.v1", SchedulerEventsJsonContext.Default.GpuModeSet),
        ("cell.snapshot.v1", SchedulerEventsJsonContext.Default.CellSnapshot),
        ("host.registered.v1", SchedulerEventsJsonContext.Default.HostRegistered),
        ("host.lease-ended.v1", SchedulerEventsJsonContext.Default.HostLeaseEnded),
    ];
}
