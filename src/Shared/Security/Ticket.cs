using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Security;

/// <summary>What the bearer of a ticket may do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TicketRole>))]
public enum TicketRole
{
    /// <summary>Submits and sees the jobs of one tenant.</summary>
    [JsonStringEnumMemberName("tenant")]
    Tenant,

    /// <summary>Sees everything, acts for any tenant, drains hosts.</summary>
    [JsonStringEnumMemberName("operator")]
    Operator,

    /// <summary>A worker: fetches and stores blobs for the sessions that it runs.</summary>
    [JsonStringEnumMemberName("worker")]
    Worker,

    /// <summary>Opens the data connections of one session, which <see cref="Ticket.Scope"/> names.</summary>
    [JsonStringEnumMemberName("session")]
    Session,

    /// <summary>Reads the metrics of schedulers and workers, and nothing else.</summary>
    [JsonStringEnumMemberName("monitor")]
    Monitor,
}

/// <summary>What a signed ticket says.</summary>
public sealed record Ticket
{
    /// <summary>The greatest length of <see cref="Subject"/>, <see cref="Tenant"/>, <see cref="Scope"/>, <see cref="Id"/>.</summary>
    public const int MaxFieldLength = 256;

    /// <summary>Who it was given to, for logs.</summary>
    [JsonPropertyName("sub")]
    public required string Subject { get; init; }

    /// <summary>The tenant that the bearer acts for.</summary>
    [JsonPropertyName("tnt")]
    public required string Tenant { get; init; }

    /// <summary>What the bearer may do.</summary>
    [JsonPropertyName("rol")]
    public required TicketRole Role { get; init; }

    /// <summary>What it is confined to, such as a session's id; null when to nothing.</summary>
    [JsonPropertyName("scp")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>Not valid before; whole seconds since 1970 on the wire.</summary>
    [JsonPropertyName("nbf")]
    [JsonConverter(typeof(UnixSeconds))]
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Not valid from here on; whole seconds since 1970 on the wire.</summary>
    [JsonPropertyName("exp")]
    [JsonConverter(typeof(UnixSeconds))]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Number of the ticket, for logs.</summary>
    [JsonPropertyName("jti")]
    public required string Id { get; init; }

    /// <summary>True when every field has a sensible length and it is valid for a second or more.</summary>
    internal bool IsWellFormed =>
        IsField(Subject) && IsField(Tenant) && IsField(Id) && (Scope is null || IsField(Scope)) &&
        Enum.IsDefined(Role) && NotBefore + TimeSpan.FromSeconds(1) <= ExpiresAt;

    private static bool IsField(string? text) => text is { Length: > 0 and <= MaxFieldLength };

    internal sealed class UnixSeconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            long seconds = reader.GetInt64();
            return seconds is >= 0 and < 253_402_300_800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : throw new JsonException("A time is out of range.");
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.ToUnixTimeSeconds());
    }
}

[JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketJsonContext : JsonSerializerContext;
