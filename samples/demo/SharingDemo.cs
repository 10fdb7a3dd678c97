using System.Diagnostics;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;

namespace GpuActors.Samples.Demo;

/// <summary>
/// What <c>./run --sharing</c> shows: three tenants come to one GPU and share its compute 4 : 2 : 1, and one goes again;
/// then the same GPU is cut into MIG slices, and each computes for itself.
/// </summary>
internal sealed class SharingDemo(LocalCluster.LocalCluster cluster, DemoView view) : IDisposable
{
    /// <summary>What the worker's device presents as.</summary>
    public const string Model = "A100-SXM4-40GB";

    private const string Host = "host1";
    private const string Index = "0";
    private const string Profile = "1g.5gb";
    private const int Slices = 7;
    private const int LooksOfPhase = 5;
    private const int SettlingLooksMax = 20;

    /// <summary>Kernels of a third of a millisecond on two cores that do everything else, too.</summary>
    private const double ErrorMax = 0.25;
    private const double ProductErrorMax = 1e-3;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly GpuActorsClient _operator = cluster.Client();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly SharingTenant[] _tenants =
    [
        Tenant(cluster, "atlas", ShareLevel.High),
        Tenant(cluster, "borealis", ShareLevel.Normal),
        Tenant(cluster, "cygnus", ShareLevel.Low),
    ];

    /// <summary>The HOCON that the cluster needs.</summary>
    public static string Config => $"gpuactors.worker.devices.presents-as = \"{Model}\"";

    /// <summary>Three tenants in turns; true if each gets what it is entitled to.</summary>
    public async Task<bool> ShareAsync()
    {
        var (atlas, borealis, cygnus) = (_tenants[0], _tenants[1], _tenants[2]);
        await atlas.StartAsync();
        var ok = await PhaseAsync("atlas is alone", atlas);
        await borealis.StartAsync();
        ok &= await PhaseAsync("borealis joins", atlas, borealis);
        await cygnus.StartAsync();
        ok &= await PhaseAsync("cygnus joins", atlas, borealis, cygnus);
        await atlas.StopAsync();
        ok &= await PhaseAsync("atlas has left", borealis, cygnus);
        await borealis.StopAsync();
        await cygnus.StopAsync();
        return ok;
    }

    /// <summary>Cuts the GPU into MIG slices, one job on each; true if all products are right.</summary>
    public async Task<bool> CutAsync()
    {
        await EmptyAsync();
        await _operator.Operations.SetGpuModeAsync(Host, Index, GpuModes.NameOf(GpuMode.Mig));
        view.Say($"The GPU is empty; its mode is now {GpuModes.NameOf(GpuMode.Mig)}. {Slices + 1} jobs ask for {Profile}.");
        var jobs = new List<SliceJob>();
        for (var number = 0; number <= Slices; number++)
        {
            jobs.Add(await _tenants[number % _tenants.Length].SubmitAsync(Profile, number));
        }

        view.ShowLayout(await CutGpuAsync());
        var waiting = await jobs[^1].GetAsync();
        view.Say($"{jobs[^1].Id}: {waiting.State}{(waiting.Reason is null ? "" : $": {waiting.Reason}")}");
        var errors = await Task.WhenAll(jobs.Select(job => job.ErrorAsync()));
        var right = errors.Count(error => error < ProductErrorMax);
        view.Say($"{right} of {jobs.Count} products are right; the largest error is {errors.Max():0.0e0}.");
        return right == jobs.Count;
    }

    public void Dispose()
    {
        _operator.Dispose();
        Array.ForEach(_tenants, tenant => tenant.Dispose());
    }

    private static SharingTenant Tenant(LocalCluster.LocalCluster cluster, string name, ShareLevel level) =>
        new(name, level, cluster.Client(name, TicketRole.Tenant));

    private async Task<bool> PhaseAsync(string title, params SharingTenant[] tenants)
    {
        var meter = new SharesMeter(_operator);
        view.Say(title);
        var first = await meter.NextAsync(tenants, []);
        first = await AtWorkAsync(meter, tenants, first);
        var last = first;
        await view.FollowSharesAsync(LooksAsync());
        var shares = SharesMeter.Between(tenants, first, last);
        var worst = shares.MaxBy(share => share.Error)!;
        var ok = worst.Error <= ErrorMax;
        view.Say($"{title}: {string.Join(", ", shares.Select(s => $"{s.Tenant} {s.Percent:0} % (due {s.DuePercent:0} %)"))}"
            + (ok ? "" : $" – {worst.Tenant} is off by {worst.Error:P0}"));
        return ok;

        async IAsyncEnumerable<SharesLook> LooksAsync()
        {
            for (var look = 0; look < LooksOfPhase; look++)
            {
                var before = last;
                last = await meter.NextAsync(tenants, before);
                yield return new SharesLook(_watch.Elapsed, SharesMeter.Between(tenants, before, last));
            }
        }
    }

    /// <summary>The seconds in which somebody comes or leaves are nobody's: who comes compiles first.</summary>
    private static async Task<IReadOnlyList<SliceUsageStatus>> AtWorkAsync(
        SharesMeter meter, SharingTenant[] tenants, IReadOnlyList<SliceUsageStatus> before)
    {
        var now = await meter.NextAsync(tenants, before);
        for (var look = 0; look < SettlingLooksMax && !AreAtWork(SharesMeter.Between(tenants, before, now)); look++)
        {
            before = now;
            now = await meter.NextAsync(tenants, before);
        }

        return now;
    }

    private static bool AreAtWork(IEnumerable<TenantShare> shares) =>
        shares.All(share => share.Percent >= share.DuePercent / 2);

    private Task<GpuStatus> EmptyAsync() => UntilAsync("the GPU is empty", gpu => gpu.Slices.Count == 0);

    private Task<GpuStatus> CutGpuAsync() =>
        UntilAsync($"{Slices} slices are placed", gpu => gpu.Slices.Count == Slices);

    private async Task<GpuStatus> UntilAsync(string what, Func<GpuStatus, bool> reached)
    {
        var waiting = Stopwatch.StartNew();
        var gpu = await _operator.Cluster.GetGpuAsync(Host, Index);
        while (!reached(gpu))
        {
            if (waiting.Elapsed > Patience)
            {
                throw new TimeoutException($"Not so after {Patience}: {what}. There are {gpu.Slices.Count} slices.");
            }

            await Task.Delay(PollInterval);
            gpu = await _operator.Cluster.GetGpuAsync(Host, Index);
        }

        return gpu;
    }
}
