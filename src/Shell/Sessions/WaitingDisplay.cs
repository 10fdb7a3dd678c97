using System.Text.Json;
using GpuActors.Shared.Api;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// Says on standard error what is waited for and why: one line that changes on a terminal, a line for each change
/// elsewhere, or JSON lines.
/// </summary>
/// <param name="error">Where to write.</param>
/// <param name="width">Columns of the terminal on which somebody reads it; null: there is none.</param>
/// <param name="json">Each status as a JSON document on a line.</param>
/// <param name="speaker">Whose lines they are.</param>
internal sealed class WaitingDisplay(TextWriter error, Func<int>? width, bool json, string speaker = "pbm") : IDisposable
{
    private const string ClearLine = "\r\u001b[K";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _said = [];
    private readonly Dictionary<string, (SessionStatus Status, string Text)> _unsaid = [];
    private ITimer? _patience;
    private bool _isPatient;
    private bool _isShown;

    /// <summary>A short wait is not worth a word: says nothing of it until this time is over.</summary>
    public WaitingDisplay After(TimeSpan patience, TimeProvider time)
    {
        _isPatient = true;
        _patience = time.CreateTimer(_ => LosePatience(), null, patience, Timeout.InfiniteTimeSpan);
        return this;
    }

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
            if (_isPatient)
            {
                _unsaid[status.Id] = (status, text);
            }
            else
            {
                Show(status, text);
            }
        }
    }

    /// <summary>A session that was in use has ended by itself.</summary>
    public void Ended(SessionStatus status)
    {
        lock (_gate)
        {
            Clear();
            error.WriteLine(json ? ToJson(status) : $"{speaker}: session {status.Id} has ended: {status.Reason ?? status.State.ToString()}");
        }
    }

    /// <summary>Anything else.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            Clear();
            error.WriteLine($"{speaker}: {text}");
        }
    }

    /// <summary>Nothing is waited for any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _unsaid.Clear();
            Clear();
        }

        _patience?.Dispose();
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

    private void LosePatience()
    {
        lock (_gate)
        {
            _isPatient = false;
            foreach (var (status, text) in _unsaid.Values)
            {
                Show(status, text);
            }

            _unsaid.Clear();
        }
    }

    private void Show(SessionStatus status, string text)
    {
        string line = $"{speaker}: {text}";
        if (json)
        {
            error.WriteLine(ToJson(status));
        }
        else if (width?.Invoke() is > 0 and var columns)
        {
            // A line that goes on in the next row could not be cleared.
            error.Write(ClearLine + (line.Length < columns ? line : line[..Math.Max(0, columns - 2)] + "…"));
            error.Flush();
            _isShown = true;
        }
        else
        {
            error.WriteLine(line);
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
