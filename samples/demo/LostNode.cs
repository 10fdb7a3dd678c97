using GpuActors.Client;
using GpuActors.LocalCluster;

namespace GpuActors.Samples.Demo;

/// <summary>Kills the scheduler node that looks after a job, in the middle of it.</summary>
internal sealed class LostNode(LocalCluster.LocalCluster cluster, DemoView view)
{
    private const int MaxActors = 10_000;

    /// <summary>kill -9 for the node in which the job's session lives; the others go on with it.</summary>
    public async Task KillOwnerOfAsync(string jobId)
    {
        foreach (var (name, scheduler) in cluster.Schedulers)
        {
            if (await RunsAsync(scheduler, jobId))
            {
                await scheduler.Process.KillAsync();
                view.Say($"Killed {name} with kill -9: the job's session lived there. The kernels go on.");
                return;
            }
        }

        throw new InvalidOperationException($"No scheduler node runs the session of {jobId}.");
    }

    private async Task<bool> RunsAsync(SchedulerProcess scheduler, string jobId)
    {
        using var node = new GpuActorsClient(new GpuActorsClientOptions
        {
            Servers = [scheduler.HttpAddress], Ticket = cluster.Ticket(),
        });
        var actors = await node.Operations.ListActorsAsync("/user/sessions", 2, MaxActors);
        return actors.Actors.Any(actor => actor.Path.EndsWith(jobId, StringComparison.Ordinal));
    }
}
