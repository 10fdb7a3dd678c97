using System.Collections.Concurrent;

namespace GpuActors.Actors.Persistence;

/// <summary>An actor in quarantine; published on the event stream when it gets there.</summary>
/// <param name="PersistenceId">Whose past can't be read.</param>
/// <param name="Path">Where it lived.</param>
/// <param name="Problem">What is wrong with which event, for people.</param>
/// <param name="Since">When it was tried last, by this node's clock.</param>
public sealed record QuarantinedActor(string PersistenceId, ActorPath Path, string Problem, DateTimeOffset Since);

/// <summary>
/// The persistent actors of this node whose past holds a poison event (or snapshot): one that can't be read, or that
/// their own recovery fails on. Such an actor has stopped. Its shard does not start it again with the next message, but
/// after <see cref="PersistenceSettings.QuarantineRetryAfter"/>, so that one bad row costs neither the store nor the log
/// more than that. It leaves the quarantine when it recovers, mostly in a new process with a program that can read it.
/// </summary>
public sealed class Quarantine
{
    private readonly ConcurrentDictionary<ActorPath, (QuarantinedActor Actor, long TriedAt)> _actors = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _retryAfter;
    private readonly int _max;

    internal Quarantine(TimeProvider time, PersistenceSettings settings) =>
        (_time, _retryAfter, _max) = (time, settings.QuarantineRetryAfter, settings.MaxQuarantined);

    /// <summary>The actors in it, by their persistence ids.</summary>
    public IReadOnlyList<QuarantinedActor> Actors =>
        [.. _actors.Values.Select(entry => entry.Actor).OrderBy(actor => actor.PersistenceId, StringComparer.Ordinal)];

    /// <summary>After how long the actor with that path may be tried again; zero if at once.</summary>
    internal TimeSpan RetryAfter(ActorPath path)
    {
        if (_actors.IsEmpty || !_actors.TryGetValue(path, out var entry))
        {
            return TimeSpan.Zero;
        }

        var left = _retryAfter - _time.GetElapsedTime(entry.TriedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <returns>False if there are as many as may be.</returns>
    internal bool Add(QuarantinedActor actor)
    {
        if (_actors.Count >= _max && !_actors.ContainsKey(actor.Path))
        {
            return false;
        }

        _actors[actor.Path] = (actor, _time.GetTimestamp());
        return true;
    }

    internal void Remove(ActorPath path)
    {
        if (!_actors.IsEmpty)
        {
            _actors.TryRemove(path, out _);
        }
    }
}
