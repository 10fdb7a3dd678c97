using System.Text;
using System.Threading.Channels;

namespace GpuActors.Scheduler.Api;

/// <summary>Writes an answer as server-sent events (HTML standard, section 9.2).</summary>
internal static class ServerSentEvents
{
    /// <summary>Events that wait for a slow reader; one that falls further behind is cut off, and resumes.</summary>
    public const int Buffer = 2048;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>A buffer between an actor and the answer.</summary>
    public static Channel<T> NewBuffer<T>() =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(Buffer) { SingleReader = true });

    /// <summary>Begins the answer.</summary>
    public static Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Writes events until there are no more, the caller has gone, or <paramref name="append"/> is false for
    /// the last one.</summary>
    /// <param name="append">Adds an event's lines; false if no event follows.</param>
    public static async Task WriteAllAsync<T>(
        HttpContext context, ChannelReader<T> events, TimeProvider time, Func<StringBuilder, T, bool> append)
    {
        var goesOn = true;
        while (goesOn)
        {
            var more = events.WaitToReadAsync(context.RequestAborted).AsTask();
            try
            {
                if (!await more.WaitAsync(KeepAlive, time, context.RequestAborted))
                {
                    return;
                }
            }
            catch (TimeoutException)
            {
                await WriteAsync(context, ": keep-alive\n\n");
                continue;
            }

            var text = new StringBuilder();
            while (goesOn && events.TryRead(out var happened))
            {
                goesOn = append(text, happened);
            }

            await WriteAsync(context, text.ToString());
        }
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
