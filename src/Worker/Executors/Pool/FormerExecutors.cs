using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// Executors of a worker process that was killed. They end when they notice, which takes a moment, and longer where a
/// driver holds them up. A new worker on the same folder proves to the cluster that the one before is gone, and with
/// it what it ran: so it must not say a word before that is true.
/// </summary>
internal static class FormerExecutors
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(10);

    /// <summary>Completes when no process holds the lease file that they hold as long as they live.</summary>
    /// <param name="leaseFile">The file of the worker before; it need not exist.</param>
    public static async Task GoneAsync(
        string leaseFile, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var told = TimeSpan.FromSeconds(1); !AreGone(leaseFile);)
        {
            var waited = time.GetElapsedTime(began);
            if (waited >= told)
            {
                told = waited + TellInterval;
                logger.LogWarning(
                    "Executors of the former worker process still live after {Seconds:0} s; this one registers when they "
                    + "have ended", waited.TotalSeconds);
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    private static bool AreGone(string leaseFile)
    {
        try
        {
            using var alone = File.OpenHandle(leaseFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
