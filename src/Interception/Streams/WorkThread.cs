using System.Collections.Concurrent;

namespace GpuActors.Interception.Streams;

/// <summary>Runs actions of the library, one after the other, on a thread of their own. Never calls the program.</summary>
internal sealed class WorkThread
{
    private readonly BlockingCollection<Action> _waiting = [];

    /// <param name="name">What debuggers call it.</param>
    public WorkThread(string name) => new Thread(Run, 256 << 10) { IsBackground = true, Name = name }.Start();

    /// <summary>Runs an action, after those before it. Does not wait.</summary>
    public void Post(Action action) => _waiting.Add(action);

    private void Run()
    {
        foreach (Action action in _waiting.GetConsumingEnumerable())
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
