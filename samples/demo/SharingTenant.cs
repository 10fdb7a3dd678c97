using GpuActors.Client;
using GpuActors.Samples.Matmul;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Samples.Demo;

/// <summary>A tenant of the GPU: it sees its own jobs only.</summary>
internal sealed class SharingTenant(string name, ShareLevel level, GpuActorsClient client) : IDisposable
{
    /// <summary>Reserved for each; with so little it is the shares that decide.</summary>
    public const int ReservedPercent = 1;

    private const int EndlessRounds = 200_000;
    private const int EndlessSize = 128;
    private const int SliceRounds = 300;
    private const int SliceSize = 256;

    public string Name => name;

    public ShareLevel Level => level;

    /// <summary>Multiplies small matrices until it is told to stop.</summary>
    public Task StartAsync() => client.Jobs.SubmitAsync(new MatmulJob
    {
        Id = $"{name}-endless",
        Size = EndlessSize,
        Rounds = EndlessRounds,
        Gpu = new GpuRequest { MemoryBytes = 1L << 30, ComputePercent = ReservedPercent, Shares = level },
    }.Build());

    public async Task StopAsync()
    {
        await client.Jobs.CancelAsync($"{name}-endless");
        await client.Jobs.WaitAsync($"{name}-endless");
    }

    /// <summary>Multiplies matrices on a slice of that profile; its own seed makes its product different from others'.</summary>
    public async Task<SliceJob> SubmitAsync(string profile, int number)
    {
        var job = new MatmulJob
        {
            Id = $"{name}-slice-{number}",
            Size = SliceSize,
            Rounds = SliceRounds,
            Seed = (uint)number,
            Gpu = new GpuRequest { Profile = profile },
        };
        await client.Jobs.SubmitAsync(job.Build());
        return new SliceJob(client, job);
    }

    public void Dispose() => client.Dispose();
}

/// <summary>A job on a slice.</summary>
internal sealed class SliceJob(GpuActorsClient client, MatmulJob job)
{
    public string Id => job.Id!;

    public Task<JobStatus> GetAsync() => client.Jobs.GetAsync(Id);

    /// <summary>The largest error of its product.</summary>
    /// <exception cref="InvalidOperationException">It has none: the job failed.</exception>
    public async Task<double> ErrorAsync()
    {
        var status = await client.Jobs.WaitAsync(Id);
        if (status.State != JobState.Completed)
        {
            throw new InvalidOperationException($"{Id}: {status.State}: {status.Error?.Message ?? status.Reason}");
        }

        var product = await client.Jobs.ReadOutputAsync(status, MatmulJob.ProductOutput);
        var times = await client.Jobs.ReadOutputAsync(status, MatmulJob.TimesOutput);
        return MatmulResult.Read(job, product, times).LargestError;
    }
}
