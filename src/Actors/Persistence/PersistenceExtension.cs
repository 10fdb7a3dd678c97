using System.Collections.Concurrent;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>What the persistent actors of a system share: the store, this node's ownership, recovery permits.</summary>
public sealed class PersistenceExtension : IExtension
{
    // Writes that an actor left under way when it stopped. Its successor must not read before they are settled.
    private readonly ConcurrentDictionary<string, Task> _unsettled = new(StringComparer.Ordinal);
    private readonly OwnershipRegistry _registry;
    private readonly ActorSystem _system;

    internal PersistenceExtension(ActorSystem system, IEventStore store, PersistenceSettings settings)
    {
        settings.Validate();
        _system = system;
        _registry = OwnershipRegistry.Get(system);
        Store = store;
        Settings = settings;
        Serializer = new StoredMessageSerializer(system.Serialization, settings.Upcasters);
        Quarantine = new Quarantine(system.Runtime.Time, settings);
        RecoveryPermits = new RecoveryPermits(settings.MaxConcurrentRecoveries);
        var owner = settings.Owner ?? $"{system.Name}-{system.Runtime.Random.NextGuid():N}";
        Ownership = store.AcquireOwnershipAsync(settings.OwnershipScope, owner);
    }

    /// <summary>The store, for reading beside the actors (lists, blobs, events by tag).</summary>
    public IEventStore Store { get; }

    /// <summary>As given.</summary>
    public PersistenceSettings Settings { get; }

    /// <summary>
    /// The token of this node itself: actors write under it unless one of their ancestors owns a scope (a shard, a
    /// singleton). Those that start before it is there wait for it; a node should await it before it begins to work,
    /// and end if it fails.
    /// </summary>
    public Task<OwnershipToken> Ownership { get; }

    /// <summary>The actors of this node whose past can't be read.</summary>
    public Quarantine Quarantine { get; }

    /// <summary>Publishes what a write outside of all actors has met, as if an actor had met it.</summary>
    /// <param name="writer">What wrote, for people.</param>
    /// <param name="refusal">The store's answer.</param>
    public void PublishFenced(string writer, FencedException refusal) => _system.EventStream.Publish(
        new OwnershipLost(writer, refusal.Token, refusal.CurrentEpoch, refusal.CurrentOwner));

    internal StoredMessageSerializer Serializer { get; }

    internal RecoveryPermits RecoveryPermits { get; }

    /// <summary>The token under which an actor writes.</summary>
    internal Task<OwnershipToken> OwnershipOf(ActorCell actor) =>
        _registry.Find(actor) is { } token ? Task.FromResult(token) : Ownership;

    /// <summary>Completes when no former actor of that id has writes under way.</summary>
    internal Task WhenSettled(string persistenceId) =>
        _unsettled.TryGetValue(persistenceId, out var last) ? last : Task.CompletedTask;

    /// <summary>Remembers the last write of an actor that ends, until the write has ended too.</summary>
    internal void Settle(string persistenceId, Task lastWrite)
    {
        if (lastWrite.IsCompleted)
            return;
        var settled = lastWrite.ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _unsettled[persistenceId] = settled;
        _ = settled.ContinueWith(
            done => _unsettled.TryRemove(new KeyValuePair<string, Task>(persistenceId, done)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}

/// <summary>Adds persistence to an actor system.</summary>
public static class PersistenceSystemExtensions
{
    /// <summary>
    /// Lets the system's persistent actors use <paramref name="store"/>, and begins to acquire this node's ownership
    /// (see <see cref="PersistenceExtension.Ownership"/>). The store stays the caller's: close it after the system has
    /// terminated.
    /// </summary>
    public static PersistenceExtension UsePersistence(
        this ActorSystem system, IEventStore store, PersistenceSettings? settings = null)
    {
        var persistence = system.RegisterExtension(
            new PersistenceExtensionId(store, settings ?? new PersistenceSettings()));
        return persistence.Store == store
            ? persistence
            : throw new InvalidOperationException($"{system.Name} uses another event store already.");
    }

    private sealed class PersistenceExtensionId(IEventStore store, PersistenceSettings settings)
        : IExtensionId<PersistenceExtension>
    {
        public PersistenceExtension CreateExtension(ActorSystem system) => new(system, store, settings);
    }
}
