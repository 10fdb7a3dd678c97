using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.TestKit;

/// <summary>Makes filters for what a test expects to be logged or to become a dead letter.</summary>
public sealed class EventFilterFactory
{
    private readonly TestKit _kit;
    private readonly TestLoggerFactory _logs;

    internal EventFilterFactory(TestKit kit, TestLoggerFactory logs)
    {
        _kit = kit;
        _logs = logs;
    }

    /// <summary>Log entries with an exception of this type.</summary>
    public EventFilter Exception<T>(string contains = "")
        where T : Exception => Logged(
            entry => entry.Exception is T e && Contains(e.Message, contains), $"a logged {typeof(T).Name} '{contains}'");

    public EventFilter Error(string contains = "") => Level(LogLevel.Error, contains);

    public EventFilter Warning(string contains = "") => Level(LogLevel.Warning, contains);

    public EventFilter Info(string contains = "") => Level(LogLevel.Information, contains);

    /// <summary>Dead letters with a message of this type.</summary>
    public EventFilter DeadLetter<T>(Predicate<T>? predicate = null) => Published<DeadLetter>(
        letter => letter.Message is T message && predicate?.Invoke(message) != false,
        $"a dead letter with a {typeof(T).Name}");

    /// <summary>Events of the event stream.</summary>
    public EventFilter Published<T>(Predicate<T> predicate, string description)
    {
        var events = new ConcurrentQueue<object>();
        var collector = _kit.CreateTestProbe();
        collector.IgnoreMessages(message =>
        {
            events.Enqueue(message);
            return true;
        });
        _kit.Sys.EventStream.Subscribe<T>(collector.Ref);
        return new EventFilter(_kit, () => events.OfType<T>().Count(e => predicate(e)), description);
    }

    private EventFilter Level(LogLevel level, string contains) => Logged(
        entry => entry.Level == level && Contains(entry.Message, contains), $"{level} '{contains}'");

    private EventFilter Logged(Predicate<LogEntry> predicate, string description) =>
        new(_kit, () => _logs.Entries.Count(e => predicate(e)), description);

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}

/// <summary>An expectation on events that an action causes.</summary>
public sealed class EventFilter
{
    private readonly TestKit _kit;
    private readonly Func<int> _count;
    private readonly string _description;

    internal EventFilter(TestKit kit, Func<int> count, string description)
    {
        _kit = kit;
        _count = count;
        _description = description;
    }

    /// <summary>Does the action and waits for one event.</summary>
    public void ExpectOne(Action action) => Expect(1, action);

    /// <summary>Does the action and waits for so many events; on virtual time also that no more follow.</summary>
    /// <exception cref="TestKitException">There were fewer or more.</exception>
    public void Expect(int expected, Action action)
    {
        var before = _count();
        action();
        _kit.AwaitCondition(() => _count() - before >= expected, $"{expected} times {_description}");
        if (_kit.Runtime is VirtualRuntime simulation)
        {
            simulation.RunUntilIdle();
        }

        var happened = _count() - before;
        if (happened != expected)
        {
            throw _kit.Failure($"Expected {expected} times {_description}, got {happened}.");
        }
    }
}
