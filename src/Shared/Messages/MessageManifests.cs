using System.Text.Json.Serialization.Metadata;

namespace GpuActors.Shared.Messages;

/// <summary>
/// The names under which messages travel between scheduler and worker. A name stands for one shape for ever: a message
/// that changes its meaning gets a new version beside the old one.
/// </summary>
public static class MessageManifests
{
    /// <summary>Every message with its name.</summary>
    public static IReadOnlyList<(string Manifest, JsonTypeInfo Type)> All { get; } =
    [
        ("worker.register.v1", MessagesJsonContext.Default.RegisterWorker),
        ("worker.registered.v1", MessagesJsonContext.Default.WorkerRegistered),
        ("worker.refused.v1", MessagesJsonContext.Default.RegistrationRefused),
        ("worker.renew.v1", MessagesJsonContext.Default.RenewLease),
        ("worker.renewed.v1", MessagesJsonContext.Default.LeaseRenewed),
        ("worker.unknown.v1", MessagesJsonContext.Default.UnknownWorker),
        ("worker.leaving.v1", MessagesJsonContext.Default.WorkerLeaving),
        ("worker.usage.v1", MessagesJsonContext.Default.ReportUsage),
        ("attempt.start.v1", MessagesJsonContext.Default.StartAttempt),
        ("attempt.stop.v1", MessagesJsonContext.Default.StopAttempt),
        ("attempt.confirm.v1", MessagesJsonContext.Default.ConfirmAttempt),
        ("attempt.ack.v1", MessagesJsonContext.Default.AttemptEndedAck),
        ("attempt.started.v1", MessagesJsonContext.Default.AttemptStarted),
        ("attempt.progress.v1", MessagesJsonContext.Default.AttemptProgress),
        ("attempt.log.v1", MessagesJsonContext.Default.AttemptLog),
        ("attempt.ended.v1", MessagesJsonContext.Default.AttemptEnded),
    ];
}
