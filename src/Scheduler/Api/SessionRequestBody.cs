using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace GpuActors.Scheduler.Api;

/// <summary>The body of a request for a session as the job document that it is: with an id, and marked as interactive.</summary>
internal static class SessionRequestBody
{
    private const string Interactive = "interactive";
    private const int IdDigits = 12;

    /// <summary>
    /// Adds what the caller left out; the rest stays as it is, but for blanks. What is no JSON object is left as it is: the document's
    /// reader says what is wrong with it.
    /// </summary>
    public static ReadOnlyMemory<byte> Complete(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Complete(json.RootElement) : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private static ReadOnlyMemory<byte> Complete(JsonElement request)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            if (!request.TryGetProperty("id", out _))
            {
                writer.WriteString("id", $"s-{RandomNumberGenerator.GetHexString(IdDigits, lowercase: true)}");
            }

            foreach (var field in request.EnumerateObject())
            {
                field.WriteTo(writer);
            }

            if (!request.TryGetProperty(Interactive, out _))
            {
                writer.WriteStartObject(Interactive);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
