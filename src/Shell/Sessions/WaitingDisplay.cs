using System.Text.Json;
using GpuActors.Shared.Api;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// Says on standard error what is waited for and why: one line that changes on a terminal, a line for each change
/// elsewhere, or JSON lines.
/// </summary>
/// <param name="error">Where to write.</param>
/// <param name="width">Columns of the terminal on which somebody reads it; 0: there is none.</param>
/// <param name="json">Each status as a JSON document on a line.</param>
internal sealed class WaitingDisplay(TextWriter error, int width, bool json)
{
    private const string ClearLine = "\r\u001b[K";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _said = [];
    private bool _isShown;

    /// <summary>A session is not there yet.</summary>
    public void Heard(SessionStatus status)
    {
        string? text = TextOf(status);
        if (text is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_said.TryGetValue(status.Id, out string? said) && said == text)
            {
                return;
            }

            _said[status.Id] = text;
            Show(status, text);
        }
    }

    /// <summary>A session that was in use has ended by itself.</summary>
    public void Ended(SessionStatus status)
    {
        lock (_gate)
        {
            Clear();
            error.WriteLine(json ? ToJson(status) : $"pbm: session {status.Id} has ended: {status.Reason ?? status.State.ToString()}");
        }
    }

    /// <summary>Anything else.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            Clear();
            error.WriteLine($"pbm: {text}");
        }
    }

    /// <summary>The line that changes is gone: other output may come.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_isShown)
            {
                error.Write(ClearLine);
                error.Flush();
                _isShown = false;
            }
        }
    }

    private void Show(SessionStatus status, string text)
    {
        if (json)
        {
            error.WriteLine(ToJson(status));
        }
        else if (width > 0)
        {
            // A line that goes on in the next row could not be cleared.
            string line = $"pbm: {text}";
            error.Write(ClearLine + (line.Length < width ? line : line[..Math.Max(0, width - 2)] + "…"));
            error.Flush();
            _isShown = true;
        }
        else
        {
            error.WriteLine($"pbm: {text}");
        }
    }

    /// <summary>What is worth to be said; a session that gets its GPU at once is not.</summary>
    private static string? TextOf(SessionStatus status) => (status.State, status.Reason) switch
    {
        (JobState.Queued, { } reason) => $"session {status.Id} {Waiting(reason)}",
        (JobState.Recovering, { } reason) => $"session {status.Id} is placed again: {reason}",
        _ => null,
    };

    private static string Waiting(string reason) =>
        reason.StartsWith("waits", StringComparison.Ordinal) ? reason : $"waits: {reason}";

    private static string ToJson(SessionStatus status) =>
        JsonSerializer.Serialize(status with { Grant = null }, ApiJsonContext.Default.SessionStatus);
}
