using System.Diagnostics;
using GpuActors.Client;
using GpuActors.Samples.Digits;
using GpuActors.Samples.Matmul;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Samples.Demo;

/// <summary>What <c>./run</c> shows.</summary>
internal sealed class Demo(GpuActorsClient client, DemoView view)
{
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
        var status = await RunAsync("Training on 1,797 handwritten digits", job.Build(DigitsData.Load()));
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

    private async Task<JobStatus?> RunAsync(string title, JobDocument document)
    {
        var watch = Stopwatch.StartNew();
        var submitted = await client.Jobs.SubmitAsync(document);
        await view.FollowAsync(title, client.Jobs.EventsAsync(submitted.Id));
        var status = await client.Jobs.WaitAsync(submitted.Id);
        if (status.State == JobState.Completed)
        {
            view.Say($"{title}: done in {watch.Elapsed.TotalSeconds:0.0} s");
            return status;
        }

        view.Say($"{title}: {status.State}: {status.Error?.Message ?? status.Reason}");
        return null;
    }

    private static string JobId(string name) => $"{name}-{Stopwatch.GetTimestamp():x}";
}
