namespace GpuActors.Worker.Jobs;

/// <summary>Passes progress on, never backwards and not too often.</summary>
internal sealed class ProgressReport(long total, TimeSpan interval, TimeProvider time, IJobObserver observer)
{
    private long _done = -1;
    private long _reportedAt;

    /// <summary>So many steps are done.</summary>
    public void Advance(long done)
    {
        var isDue = _done < 0 || done == total || time.GetElapsedTime(_reportedAt) >= interval;
        if (done <= _done || !isDue)
        {
            return;
        }

        _done = done;
        _reportedAt = time.GetTimestamp();
        observer.Progress(done, total);
    }
}
