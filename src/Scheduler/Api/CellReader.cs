using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;

namespace GpuActors.Scheduler.Api;

/// <summary>Asks the cells of a pool, and makes one answer of theirs.</summary>
public sealed class CellReader(SchedulerRegions regions, string pool)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What all cells have.</summary>
    /// <exception cref="ApiProblemException">One did not answer in time.</exception>
    public async Task<CellInventory> InventoryAsync(HttpContext context) =>
        CellAnswers.Merge(await AskAllAsync<CellInventory>(new GetCellInventory(), context));

    /// <summary>Why a session is where it is, or nowhere.</summary>
    /// <exception cref="ApiProblemException">A cell did not answer in time.</exception>
    public async Task<PlacementExplained> ExplainAsync(ExplainPlacement question, HttpContext context) =>
        CellAnswers.Merge(await AskAllAsync<PlacementExplained>(question, context), pool);

    /// <summary>Sets the mode of a device, in the cell that its host belongs to.</summary>
    /// <exception cref="ApiProblemException">The cell did not answer in time.</exception>
    public Task<GpuModeAnswer> SetModeAsync(SetGpuMode command, HttpContext context) =>
        AskAsync<GpuModeAnswer>(regions.CellsOf(pool).CellOf(command.Host), command, context);

    private async Task<T[]> AskAllAsync<T>(object question, HttpContext context) =>
        await Task.WhenAll(regions.CellsOf(pool).Names.Select(cell => AskAsync<T>(cell, question, context)));

    private async Task<T> AskAsync<T>(string cell, object question, HttpContext context)
    {
        try
        {
            return await regions.Cells.Ask<T>(
                new ShardingEnvelope(cell, question), AnswerTimeout, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable(cell == pool
                ? $"The cell of pool '{pool}' did not answer in time; try again."
                : $"Cell '{cell}' did not answer in time; try again.");
        }
    }
}
