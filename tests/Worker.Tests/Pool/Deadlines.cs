using System.Globalization;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>Waits that end with the name of what never came.</summary>
internal static class Deadlines
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Waits no longer than a minute.</summary>
    public static async Task<T> WithDeadline<T>(this Task<T> task, string what)
    {
        await ((Task)task).WithDeadline(what);
        return await task;
    }

    /// <inheritdoc cref="WithDeadline{T}"/>
    public static async Task WithDeadline(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Deadline.TotalSeconds} s for {what}.");
        }
    }

    public static async Task Until(Func<bool> holds, string what)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)(Deadline.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (!holds())
        {
            if (TimeProvider.System.GetTimestamp() > end)
            {
                throw new TimeoutException($"Waited {Deadline.TotalSeconds} s until {what}.");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>There is such a process, and it is not a zombie.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>There is an entry for it, zombie or not.</summary>
    public static bool IsListed(int processId) => Directory.Exists($"/proc/{processId}");
}
