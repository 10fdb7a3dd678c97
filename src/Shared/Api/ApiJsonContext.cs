using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>
/// How the API's documents are written: camelCase names, no nulls, enumerations by name. A job document travels as
/// the <see cref="JsonElement"/> or the bytes that its author wrote.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = false)]
[JsonSerializable(typeof(JobStatus))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobExplanation))]
[JsonSerializable(typeof(JobOutputList))]
[JsonSerializable(typeof(JobStateEvent))]
[JsonSerializable(typeof(JobProgressEvent))]
[JsonSerializable(typeof(JobLogEvent))]
[JsonSerializable(typeof(SessionStatus))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionGrant))]
[JsonSerializable(typeof(BlobInfo))]
[JsonSerializable(typeof(HostStatus))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(GpuList))]
[JsonSerializable(typeof(GpuStatus))]
[JsonSerializable(typeof(GpuModeSetting))]
[JsonSerializable(typeof(SliceList))]
[JsonSerializable(typeof(SliceUsageList))]
[JsonSerializable(typeof(QueueList))]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(ClusterMember))]
[JsonSerializable(typeof(ClusterMemberList))]
[JsonSerializable(typeof(ClusterChange))]
[JsonSerializable(typeof(ShardRegionList))]
[JsonSerializable(typeof(ShardList))]
[JsonSerializable(typeof(ActorList))]
[JsonSerializable(typeof(QuarantinedActorList))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(JournalPage))]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogLevelSetting))]
[JsonSerializable(typeof(LogLevelList))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
