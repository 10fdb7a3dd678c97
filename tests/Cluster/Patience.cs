using System.Diagnostics;

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
    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            waited.Elapsed.ShouldBeLessThan(Limit, $"Waited for: {what}");
            await Task.Delay(Interval);
        }
    }
}
