using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuActors.Client.Http;
using GpuActors.Shared.Api;

namespace GpuActors.Client.Events;

/// <summary>A job's events over as many connections as it takes.</summary>
/// <param name="sender">Opens connections.</param>
/// <param name="path">The route of the events.</param>
/// <param name="getJob">Asks how the job stands.</param>
internal sealed class JobEventStream(
    RequestSender sender, string path, Func<CancellationToken, Task<JobStatus>> getJob)
{
    private long _last;
    private int _failures;

    public async IAsyncEnumerable<JobEvent> ReadAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _last = after;
        while (true)
        {
            await foreach (var happened in ReadConnectionAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return happened;
                if (IsEnd(happened))
                {
                    yield break;
                }
            }

            // The end may have been told to somebody else, or long ago.
            if (await FindEndAsync(cancellationToken).ConfigureAwait(false) is { } end)
            {
                yield return end;
                yield break;
            }

            await sender.Retries.WaitAsync(_failures++, null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The events of one connection, until it ends or breaks.</summary>
    private async IAsyncEnumerable<JobEvent> ReadConnectionAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var reader = new ServerSentEventReader(body);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, sender.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        bool quiet = false;
        while (true)
        {
            ServerSentEvent? read;
            try
            {
                silence.CancelAfter(sender.SilenceTimeout);
                read = await reader.ReadAsync(either.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (RetryPolicy.IsConnectionFailure(e) && !cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            if (read is not { } received)
            {
                yield break;
            }

            // A stream that only keeps alive may be about a job that ended before it was asked for.
            if (received.IsKeepAlive && quiet && await FindEndAsync(cancellationToken).ConfigureAwait(false) is { } end)
            {
                yield return end;
                yield break;
            }

            quiet = received.IsKeepAlive;
            if (Parse(received) is { } happened && happened.Sequence > _last)
            {
                _last = happened.Sequence;
                _failures = 0;
                yield return happened;
            }
        }
    }

    private Task<HttpResponseMessage> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, path)
        {
            Headers = _last == 0
                ? [("Accept", "text/event-stream")]
                : [("Accept", "text/event-stream"), ("Last-Event-ID", _last.ToString(CultureInfo.InvariantCulture))],
        };
        return sender.OpenAsync(request, cancellationToken);
    }

    private async Task<JobStateEvent?> FindEndAsync(CancellationToken cancellationToken)
    {
        var status = await getJob(cancellationToken).ConfigureAwait(false);
        return !status.State.IsTerminal() ? null : new JobStateEvent
        {
            Sequence = _last + 1,
            At = status.EndedAt ?? status.SubmittedAt,
            Attempt = status.Attempt,
            Epoch = status.Epoch,
            State = status.State,
            Reason = status.Reason,
            Error = status.Error,
        };
    }

    private static bool IsEnd(JobEvent happened) => happened is JobStateEvent state && state.State.IsTerminal();

    private static JobEvent? Parse(ServerSentEvent received)
    {
        if (received.IsKeepAlive)
        {
            return null;
        }

        try
        {
            return long.TryParse(received.Id, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
                ? JobEvent.Parse(received.Name, sequence, received.Data)
                : throw new UnexpectedAnswerException($"An event has the id \"{received.Id}\", which is no number.");
        }
        catch (JsonException e)
        {
            throw new UnexpectedAnswerException($"An event of kind {received.Name} cannot be read: {e.Message}", e);
        }
    }
}
