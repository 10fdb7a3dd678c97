using System.Collections.Concurrent;

namespace GpuActors.Interception.Streams;

/// <summary>
/// Runs the program's callbacks, one after the other, on a thread of their own: a callback may enqueue, wait, or take
/// its time, and must not keep replies from being read. Started with the first.
/// </summary>
internal static class CallbackThread
{
    private static readonly BlockingCollection<Action> Waiting = [];
    private static int _isStarted;

    /// <summary>Runs an action, after those before it.</summary>
    public static void Post(Action action)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            new Thread(Run) { IsBackground = true, Name = "gpuactors-calls" }.Start();
        Waiting.Add(action);
    }

    private static void Run()
    {
        foreach (Action action in Waiting.GetConsumingEnumerable())
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                Diagnostics.Trace(0, exception);
            }
        }
    }
}
