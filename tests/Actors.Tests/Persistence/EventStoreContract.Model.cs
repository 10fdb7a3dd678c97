using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    private int _modelRuns;

    [Fact]
    public async Task Any_sequence_of_writes_leaves_what_a_simple_model_says()
    {
        var stale = await Store.AcquireOwnershipAsync("model", "stale");
        var fresh = await Store.AcquireOwnershipAsync("model", "fresh");

        Prop.ForAll(
            Steps.ToArbitrary(),
            steps => Block(() => CheckAgainstModelAsync(steps, stale, fresh))).QuickCheckThrowOnFailure();
    }

    // FsCheck's properties are synchronous. Off the test's context, whose few threads could all be blocked like this.
    private static void Block(Func<Task> check) => Task.Run(check).GetAwaiter().GetResult();

    private async Task CheckAgainstModelAsync(Step[] steps, OwnershipToken stale, OwnershipToken fresh)
    {
        var model = new Model($"run-{_modelRuns++}");
        await Task.WhenAll([.. steps.Select(step => model.Call(Store, step, step.IsStale ? stale : fresh))]);
        foreach (var (persistenceId, expected) in model.Stored)
        {
            (await SequenceNrs(persistenceId)).ShouldBe(expected);
            (await Store.ReadHighestSequenceNrAsync(persistenceId)).ShouldBe(model.Highest[persistenceId]);
        }
    }

    private static Gen<Step[]> Steps =>
        (from actor in Gen.Choose(0, 2)
         from offset in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Constant(-1)), (1, Gen.Constant(1)))
         from count in Gen.Choose(1, 4)
         from isStale in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
         from deletes in Gen.Frequency((8, Gen.Constant(false)), (1, Gen.Constant(true)))
         select new Step(actor, offset, count, isStale, deletes)).ArrayOf();

    /// <summary>Appends <paramref name="Count"/> events at <paramref name="Offset"/> from the right place, or deletes up
    /// to <paramref name="Count"/> events before the last.</summary>
    private sealed record Step(int Actor, int Offset, int Count, bool IsStale, bool Deletes);

    /// <summary>What an event store should have, as plain lists.</summary>
    private sealed class Model(string prefix)
    {
        public Dictionary<string, List<long>> Stored { get; } = [];

        public Dictionary<string, long> Highest { get; } = [];

        /// <summary>Calls the store, without waiting for what was called before, and expects what the model says.
        /// </summary>
        public Task Call(IEventStore store, Step step, OwnershipToken token)
        {
            var id = $"{prefix}-{step.Actor}";
            var stored = Stored.TryGetValue(id, out var known) ? known : Stored[id] = [];
            var highest = Highest.GetValueOrDefault(id);
            Highest[id] = highest;
            if (step.Deletes)
            {
                var to = highest - step.Count;
                if (!step.IsStale)
                    stored.RemoveAll(n => n <= to);
                return Expect<FencedException>(step.IsStale, store.DeleteEventsAsync(token, id, to));
            }
            var first = Math.Max(1, highest + 1 + step.Offset);
            var isRefused = first != highest + 1;
            var append = store.AppendAsync(Write.Events(token, id, first, step.Count));
            if (step.IsStale)
                return Expect<FencedException>(true, append);
            if (!isRefused)
            {
                stored.AddRange(Enumerable.Range(0, step.Count).Select(i => first + i));
                Highest[id] = highest + step.Count;
            }
            return Expect<SequenceConflictException>(isRefused, append);
        }

        private static Task Expect<TException>(bool isRefused, Task call)
            where TException : Exception => isRefused ? call.ShouldThrowAsync<TException>() : call;
    }
}
