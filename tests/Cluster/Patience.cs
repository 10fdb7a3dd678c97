using System.Diagnostics;
using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>Waits for conditions, long enough for a machine that has other things to do.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>A token that is cancelled when a whole test has taken too long.</summary>
    public static CancellationTokenSource ForTest() => new(TimeSpan.FromMinutes(4));

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="what">What is waited for, to be named when it does not come.</param>
    /// <param name="condition">Asked again and again.</param>
    public static Task UntilAsync(string what, Func<bool> condition) =>
        UntilAsync(what, () => Task.FromResult(condition()));

    /// <inheritdoc cref="UntilAsync(string, Func{bool})"/>
    public static Task UntilAsync(string what, Func<Task<bool>> condition) => UntilAsync(() => what, condition);

    /// <summary>Waits until a job runs in its attempt of that number, and says where.</summary>
    public static async Task<JobStatus> UntilRunningAsync(this GpuActorsClient client, string id, int attempt)
    {
        JobStatus? status = null;
        await UntilAsync(
            () => $"attempt {attempt} of {id} runs; now it is {status?.State} in attempt {status?.Attempt}: {status?.Reason}",
            async () =>
            {
                status = await client.Jobs.GetAsync(id);
                return status.State == JobState.Running && status.Attempt == attempt;
            });
        return status!;
    }

    private static async Task UntilAsync(Func<string> what, Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            waited.Elapsed.ShouldBeLessThan(Limit, $"Waited for: {what()}");
            await Task.Delay(Interval);
        }
    }
}
