using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Actors.Remoting;

/// <summary>
/// A logger for what a stranger or a broken peer could make a node say without end: of each subject, one entry per
/// interval.
/// </summary>
sealed class LimitedLog(ILogger logger, TimeProvider time)
{
    const int SubjectsMax = 1000;
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, long> _lastOf = new();

    /// <summary>The logger without a limit, for what happens rarely by its nature.</summary>
    public ILogger Logger => logger;

    /// <summary>The logger, or one that drops everything while the subject has had its entry.</summary>
    public ILogger Limited(string subject)
    {
        var now = time.GetTimestamp();
        if (_lastOf.TryGetValue(subject, out var last) && time.GetElapsedTime(last, now) < Interval)
        {
            return NullLogger.Instance;
        }

        if (_lastOf.Count >= SubjectsMax)
        {
            _lastOf.Clear(); // Too many subjects to tell apart; bounded memory matters more.
        }

        _lastOf[subject] = now;
        return logger;
    }
}
