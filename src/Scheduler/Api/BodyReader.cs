using System.Buffers;

namespace GpuActors.Scheduler.Api;

/// <summary>Reads a request's body into memory, up to a bound.</summary>
internal static class BodyReader
{
    /// <summary>The whole body; more than <paramref name="maxBytes"/> is refused before it is read to its end.</summary>
    public static async Task<byte[]> ReadAsync(HttpContext context, int maxBytes)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                throw ApiProblemException.TooLarge($"The body may have at most {maxBytes} bytes.");
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
