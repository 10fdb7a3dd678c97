namespace GpuActors.Actors;

/// <summary>One phase of <see cref="CoordinatedShutdown"/>, with the tasks to run in it.</summary>
internal sealed class ShutdownPhase(string name, TimeSpan timeout)
{
    private readonly List<(string Name, Func<Task> Work)> _tasks = [];

    public string Name => name;

    public TimeSpan Timeout => timeout;

    public void Add(string taskName, Func<Task> work)
    {
        lock (_tasks)
        {
            _tasks.Add((taskName, work));
        }
    }

    public (string Name, Func<Task> Work)[] Tasks()
    {
        lock (_tasks)
        {
            return [.. _tasks];
        }
    }
}
