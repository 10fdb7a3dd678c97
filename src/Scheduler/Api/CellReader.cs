using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;

namespace GpuActors.Scheduler.Api;

/// <summary>Asks the pool's cell.</summary>
public sealed class CellReader(SchedulerRegions regions, string pool)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The cell's answer.</summary>
    /// <exception cref="ApiProblemException">There was none in time.</exception>
    public async Task<T> AskAsync<T>(object question, HttpContext context)
    {
        try
        {
            return await regions.Cells.Ask<T>(
                new ShardingEnvelope(pool, question), AnswerTimeout, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable($"The cell of pool '{pool}' did not answer in time; try again.");
        }
    }
}
