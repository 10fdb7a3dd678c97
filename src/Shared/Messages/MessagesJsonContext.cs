using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Messages;

/// <summary>Source-generated JSON for what scheduler and worker say to each other.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RegisterWorker))]
[JsonSerializable(typeof(WorkerRegistered))]
[JsonSerializable(typeof(RegistrationRefused))]
[JsonSerializable(typeof(RenewLease))]
[JsonSerializable(typeof(LeaseRenewed))]
[JsonSerializable(typeof(UnknownWorker))]
[JsonSerializable(typeof(WorkerLeaving))]
[JsonSerializable(typeof(ReportUsage))]
[JsonSerializable(typeof(StartAttempt))]
[JsonSerializable(typeof(StopAttempt))]
[JsonSerializable(typeof(ConfirmAttempt))]
[JsonSerializable(typeof(AttemptEndedAck))]
[JsonSerializable(typeof(AttemptStarted))]
[JsonSerializable(typeof(AttemptProgress))]
[JsonSerializable(typeof(AttemptLog))]
[JsonSerializable(typeof(AttemptEnded))]
public sealed partial class MessagesJsonContext : JsonSerializerContext;
