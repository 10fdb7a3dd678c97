using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Api;

/// <summary>What a job may ask of queues beyond what its document's format allows.</summary>
internal static class QueueRules
{
    private const int NamesShown = 40;

    /// <summary>The fields that are wrong.</summary>
    /// <param name="document">The job.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="queues">What there is.</param>
    public static IEnumerable<FieldError> Check(JobDocument document, string tenant, QueueTreeSettings queues)
    {
        if (document.Queue is not { } name || queues.Find(name)?.Admits(tenant) == true)
        {
            yield break;
        }

        var open = queues.Queues.Where(queue => queue.Admits(tenant)).Select(queue => queue.Name).Take(NamesShown);
        yield return new FieldError(
            "/queue",
            $"there is no queue '{name}' that tenant '{tenant}' may use; it may use {string.Join(", ", open)}.");
    }
}
