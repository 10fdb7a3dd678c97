using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class SimulatedStoreTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Faults _faults = new();

    [Fact]
    public void The_same_seed_gives_the_same_run_and_time_is_virtual()
    {
        ulong Run(long seed)
        {
            var runtime = new VirtualRuntime(seed);
            var database = new SimulatedDatabase(runtime);
            runtime.Run(() => WriteFromTwoNodes(database), Limit);
            runtime.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(40));
            database.ReadAllEvents().Count.ShouldBe(40);
            return runtime.Fingerprint;
        }

        Run(5).ShouldBe(Run(5));
        Run(5).ShouldNotBe(Run(6));
    }

    [Theory]
    [InlineData(StoreFaultKind.Unreachable, 0)]
    [InlineData(StoreFaultKind.CommitFails, 0)]
    [InlineData(StoreFaultKind.AnswerLost, 1)]
    public void A_fault_fails_the_write_and_only_a_lost_answer_leaves_it_there(StoreFaultKind kind, int stored)
    {
        var runtime = new VirtualRuntime();
        var database = new SimulatedDatabase(runtime);
        var store = database.Connect("a", _faults);
        runtime.Run(async () =>
        {
            var token = await store.AcquireOwnershipAsync("scope", "me");
            _faults.Next = (StoreOperation.Write, new StoreFault(kind, TimeSpan.FromSeconds(3)));
            (await Fails(store.AppendAsync(Write.Events(token, "p", 1, 1)))).ShouldBeTrue();
            await store.AppendAsync(Write.Events(token, "p", stored + 1, 1));
        }, Limit);

        runtime.Elapsed.ShouldBe(TimeSpan.FromSeconds(3));
        database.ReadAllEvents().Count.ShouldBe(stored + 1);
    }

    [Fact]
    public void What_a_killed_node_had_under_way_never_takes_effect_and_its_lease_runs_out_by_the_databases_clock()
    {
        var runtime = new VirtualRuntime();
        var database = new SimulatedDatabase(runtime);
        var settings = new SimulatedStoreSettings { LatencyMin = TimeSpan.FromMilliseconds(1) };
        var (dying, other) = (database.Connect("a", settings: settings), database.Connect("b"));
        runtime.Run(async () =>
        {
            foreach (var (store, id) in new[] { (dying, "a"), (other, "b") })
            {
                await store.JoinAsync(new NewMember(id, id, null, [], "1"), TimeSpan.FromSeconds(10));
                await store.SetStatusAsync(id, MemberStatus.Up);
            }
            var token = (await dying.ClaimAsync("a", ["shard"]))[0];
            _ = dying.AppendAsync(Write.Events(token, "p", 1, 1));
            dying.Kill();
            (await other.ClaimAsync("b", ["shard"])).ShouldBeEmpty("the lease goes on");
            database.ClockSkew = TimeSpan.FromSeconds(20);
            await other.RenewAsync("b", TimeSpan.FromSeconds(10), 0);
            (await other.ClaimAsync("b", ["shard"])).ShouldBe([new OwnershipToken("shard", 2)]);
        }, Limit);

        database.ReadAllEvents().ShouldBeEmpty();
    }

    [Fact]
    public void A_planted_bug_lets_a_stale_writer_through()
    {
        var runtime = new VirtualRuntime();
        var database = new SimulatedDatabase(runtime) { PlantedBug = PlantedStoreBug.SkipsEpochCheck };
        var store = database.Connect("a");
        runtime.Run(() => store.AppendAsync(Write.Events(new OwnershipToken("nobody's", 9), "p", 1, 1)), Limit);

        database.ReadAllEvents().Count.ShouldBe(1);
    }

    // Shouldly's own would wait on the thread pool, outside of the simulation.
    private static async Task<bool> Fails(Task call)
    {
        try
        {
            await call;
            return false;
        }
        catch (EventStoreUnavailableException)
        {
            return true;
        }
    }

    private static Task WriteFromTwoNodes(SimulatedDatabase database)
    {
        var settings = new SimulatedStoreSettings
        {
            LatencyMin = TimeSpan.FromMilliseconds(1),
            LatencyMax = TimeSpan.FromMilliseconds(5),
        };
        return Task.WhenAll(new[] { "a", "b" }.Select(async node =>
        {
            var store = database.Connect(node, settings: settings);
            var token = await store.AcquireOwnershipAsync(node, node);
            for (var n = 1; n <= 20; n++)
                await store.AppendAsync(Write.Events(token, node, n, 1));
        }));
    }

    private sealed class Faults : IStoreFaults
    {
        public (StoreOperation Operation, StoreFault Fault)? Next { get; set; }

        public StoreFault Decide(string node, StoreOperation operation)
        {
            if (Next?.Operation != operation)
                return default;
            var fault = Next.Value.Fault;
            Next = null;
            return fault;
        }
    }
}
