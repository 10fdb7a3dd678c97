using System.Collections.Concurrent;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Tests.Persistence;

namespace GpuActors.Actors.Tests.Cluster.Store;

public abstract partial class ClusterStoreContract
{
    [Fact]
    public async Task Of_members_that_claim_at_once_exactly_one_wins_each_scope()
    {
        string[] scopes = [.. Enumerable.Range(0, 20).Select(i => $"shard-{i}")];
        string[] members = [.. Enumerable.Range(0, 6).Select(i => $"m{i}")];
        foreach (var member in members)
            await UpMember(member);

        var claims = await Task.WhenAll(members.Select((member, i) =>
            (i % 2 == 0 ? Store : Other).ClaimAsync(member, [.. scopes.Skip(i * 3), .. scopes.Take(i * 3)])));

        claims.SelectMany(tokens => tokens).Select(token => token.Scope).Order(StringComparer.Ordinal)
            .ShouldBe(scopes.Order(StringComparer.Ordinal));
        claims.SelectMany(tokens => tokens).ShouldAllBe(token => token.Epoch == 1);
    }

    [Fact]
    public async Task Of_an_owner_that_renews_and_one_that_claims_at_once_exactly_one_gets_through()
    {
        await UpMember("b");
        for (var round = 0; round < 10; round++)
        {
            var a = await UpMember($"a{round}");
            await Claim(Store, a, $"shard-{round}");
            await LetLeaseRunOut(a);

            var renewed = Succeeds<MemberDownException>(Store.RenewAsync(a, Long, 0));
            var claimed = Other.ClaimAsync("b", [$"shard-{round}"]);

            (await renewed).ShouldBe((await claimed).Count == 0);
        }
    }

    [Fact]
    public async Task Once_a_claim_has_returned_no_write_under_the_old_token_succeeds()
    {
        const int rounds = 12;
        const int actors = 8;
        await UpMember("m0");
        await UpMember("m1");
        var token = await Claim(Store, "m0", "shard");
        var written = new ConcurrentDictionary<string, ConcurrentBag<(long SequenceNr, long Epoch)>>();
        for (var round = 0; round < rounds; round++)
        {
            var (writer, claimer) = round % 2 == 0 ? (Store, Other) : (Other, Store);
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writes = Enumerable.Range(0, actors)
                .Select(actor => WriteUntilFenced(writer, token, $"actor-{actor}", written, begun)).ToList();
            await begun.Task;

            await writer.ReleaseAsync($"m{round % 2}", [token]); // in the middle of the writes
            var next = await Claim(claimer, $"m{(round + 1) % 2}", "shard");
            var atClaim = await HighestOf(claimer, actors);
            await Task.WhenAll(writes);

            (await HighestOf(claimer, actors)).ShouldBe(atClaim, "nothing was written under the old token after the claim");
            token = next;
        }
        foreach (var (actor, acknowledged) in written)
            await CheckJournal(actor, [.. acknowledged]);
    }

    private static async Task WriteUntilFenced(
        IEventStore store,
        OwnershipToken token,
        string actor,
        ConcurrentDictionary<string, ConcurrentBag<(long SequenceNr, long Epoch)>> written,
        TaskCompletionSource begun)
    {
        var next = await store.ReadHighestSequenceNrAsync(actor) + 1;
        while (await Succeeds<FencedException>(store.AppendAsync(Write.Events(token, actor, next, 1))))
        {
            written.GetOrAdd(actor, _ => []).Add((next++, token.Epoch));
            if (written.Values.Sum(bag => bag.Count(entry => entry.Epoch == token.Epoch)) > 20)
                begun.TrySetResult();
        }
    }

    private async Task CheckJournal(string actor, HashSet<(long SequenceNr, long Epoch)> acknowledged)
    {
        var stored = new List<(long SequenceNr, long Epoch)>();
        await foreach (var found in Other.ReplayAsync(actor))
            stored.Add((found.SequenceNr, found.WriterEpoch));
        stored.Select(found => found.SequenceNr).ShouldBe(Enumerable.Range(1, stored.Count).Select(n => (long)n));
        stored.Select(found => found.Epoch).ShouldBeInOrder();
        acknowledged.ShouldBeSubsetOf(stored);
    }

    private static async Task<long[]> HighestOf(IEventStore store, int actors)
    {
        var highest = new long[actors];
        for (var actor = 0; actor < actors; actor++)
            highest[actor] = await store.ReadHighestSequenceNrAsync($"actor-{actor}");
        return highest;
    }

    private static async Task<bool> Succeeds<TException>(Task call)
        where TException : Exception
    {
        try
        {
            await call;
            return true;
        }
        catch (TException)
        {
            return false;
        }
    }
}
