using System.Collections.Concurrent;
using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Clients that send small jobs one after the other and read the results, until they are stopped. A request that the
/// client's own retries do not get through fails the load.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Clients = 6;

    private readonly LocalCluster.LocalCluster _cluster;
    private readonly string _tenant;
    private readonly Func<GpuActorsClientOptions, GpuActorsClientOptions> _options;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _numbers = new();
    private readonly Task _running;
    private int _ended;

    /// <summary>Starts the load.</summary>
    /// <param name="cluster">What is loaded.</param>
    /// <param name="tenant">Whose jobs they are; for each load another one.</param>
    /// <param name="cancellationToken">Ends it when the test has taken too long.</param>
    /// <param name="options">Changes the clients' options; null: they are as everybody's.</param>
    public Load(
        LocalCluster.LocalCluster cluster,
        string tenant,
        CancellationToken cancellationToken,
        Func<GpuActorsClientOptions, GpuActorsClientOptions>? options = null)
    {
        _cluster = cluster;
        _tenant = tenant;
        _cancellationToken = cancellationToken;
        _options = options ?? (o => o);
        _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(RunAsync));
    }

    /// <summary>Waits until so many more jobs have ended.</summary>
    public async Task UntilMoreHaveEndedAsync(int count)
    {
        var goal = Volatile.Read(ref _ended) + count;
        await Patience.UntilAsync($"{count} more jobs of the load have ended", async () =>
        {
            if (_running.IsCompleted)
            {
                await _running;
            }

            return Volatile.Read(ref _ended) >= goal;
        });
    }

    /// <summary>Ends the load; every job that was accepted must have its one result, which is the right one.</summary>
    public async Task ExpectOneResultEachAsync()
    {
        await _stop.CancelAsync();
        await _running;
        var journal = new Journal(_cluster);
        journal.CountBySession("session.accepted.v1", _tenant).Count.ShouldBe(_numbers.Count);
        var results = journal.CountBySession("session.completed.v1", _tenant);
        results.Count.ShouldBe(_numbers.Count);
        results.Where(result => result.Value != 1).ShouldBeEmpty("every job has exactly one result in the journal");
        journal.CapacityGivenTwice().ShouldBeEmpty();
        journal.WritesOfFormerOwners().ShouldBeEmpty("who has lost a shard writes no more there");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_running.ContinueWith(_ => { }, TaskScheduler.Default));
        _stop.Dispose();
    }

    private async Task RunAsync(int number)
    {
        using var client = new GpuActorsClient(_options(_cluster.ClientOptions(_tenant)));
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var value = (number * 1000) + i;
            var id = TestJobs.Id("load", value);
            _numbers[id] = value;
            await client.Jobs.SubmitAsync(TestJobs.Number(id, value), _cancellationToken);
            var job = await client.Jobs.WaitAsync(id, _cancellationToken);
            job.State.ShouldBe(JobState.Completed, $"{id}: {job.Error?.Message}");
            TestJobs.FirstNumber(await client.Jobs.ReadOutputAsync(job, "numbers", _cancellationToken)).ShouldBe(value);
            Interlocked.Increment(ref _ended);
        }
    }
}
