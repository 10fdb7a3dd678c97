using System.Diagnostics;
using GpuActors.Client;
using GpuActors.Samples.Digits;
using GpuActors.Samples.Matmul;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Samples.Demo;

/// <summary>What <c>./run</c> shows.</summary>
/// <param name="client">Talks to any of the scheduler nodes.</param>
/// <param name="view">Where it is shown.</param>
/// <param name="disaster">What befalls the cluster in the middle of the training, given the job's id; null for nothing.
/// </param>
internal sealed class Demo(GpuActorsClient client, DemoView view, Func<string, Task>? disaster = null)
{
    private const double DisasterAt = 0.3;
    private const double WantedAccuracy = 0.95;
    private static readonly TimeSpan HostsTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until all hosts are there and shows their GPUs.</summary>
    public async Task ShowClusterAsync(int hosts)
    {
        var waiting = Stopwatch.StartNew();
        var known = await client.Cluster.ListHostsAsync();
        while (known.Count(host => host.State == HostState.Up) < hosts)
        {
            if (waiting.Elapsed > HostsTimeout)
            {
                throw new TimeoutException($"Only {known.Count} of {hosts} hosts have registered after {HostsTimeout}.");
            }

            await Task.Delay(PollInterval);
            known = await client.Cluster.ListHostsAsync();
        }

        view.ShowHosts(known);
    }

    /// <summary>Trains a network on handwritten digits; true if it recognises those it has not seen.</summary>
    public async Task<bool> TrainDigitsAsync()
    {
        var job = new DigitsJob { Id = JobId("digits") };
        var status = await RunAsync("Training on 1,797 handwritten digits", job.Build(DigitsData.Load()), disaster);
        if (status is null)
        {
            return false;
        }

        var loss = await client.Jobs.ReadOutputAsync(status, DigitsJob.LossOutput);
        var accuracy = await client.Jobs.ReadOutputAsync(status, DigitsJob.AccuracyOutput);
        var result = DigitsResult.Read(loss, accuracy);
        view.ShowTraining(result, status, WantedAccuracy);
        return result.HeldOutAccuracy >= WantedAccuracy;
    }

    /// <summary>Multiplies matrices; true if the product is right.</summary>
    public async Task<bool> MultiplyMatricesAsync()
    {
        var job = new MatmulJob { Id = JobId("matmul") };
        var status = await RunAsync("Multiplying matrices", job.Build());
        if (status is null)
        {
            return false;
        }

        var product = await client.Jobs.ReadOutputAsync(status, MatmulJob.ProductOutput);
        var times = await client.Jobs.ReadOutputAsync(status, MatmulJob.TimesOutput);
        var result = MatmulResult.Read(job, product, times);
        view.Say($"{result.Gflops:0.0} GFLOP/s over {job.Rounds} products, "
            + $"largest error {result.LargestError:0.0e0}");
        return result.LargestError < 1e-3;
    }

    private async Task<JobStatus?> RunAsync(string title, JobDocument document, Func<string, Task>? amidst = null)
    {
        var watch = Stopwatch.StartNew();
        var submitted = await client.Jobs.SubmitAsync(document);
        var events = client.Jobs.EventsAsync(submitted.Id);
        await view.FollowAsync(title, amidst is null ? events : InterruptedAsync(events, () => amidst(submitted.Id)));
        var status = await client.Jobs.WaitAsync(submitted.Id);
        if (status.State == JobState.Completed)
        {
            view.Say($"{title}: done in {watch.Elapsed.TotalSeconds:0.0} s");
            return status;
        }

        view.Say($"{title}: {status.State}: {status.Error?.Message ?? status.Reason}");
        return null;
    }

    private static async IAsyncEnumerable<JobEvent> InterruptedAsync(IAsyncEnumerable<JobEvent> events, Func<Task> amidst)
    {
        var happened = false;
        await foreach (var e in events)
        {
            yield return e;
            if (!happened && e is JobProgressEvent { Progress: { StepsTotal: > 0 } steps }
                && steps.StepsDone >= DisasterAt * steps.StepsTotal)
            {
                happened = true;
                await amidst();
            }
        }
    }

    private static string JobId(string name) => $"{name}-{Stopwatch.GetTimestamp():x}";
}
