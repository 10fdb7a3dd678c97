using System.Diagnostics;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>How often and how long threads of the program have waited; times in which several wait count once.</summary>
internal sealed class WaitClock
{
    private readonly Lock _gate = new();
    private int _waiting;
    private long _since;
    private long _waited;
    private ulong _waits;

    /// <summary>A thread begins to wait.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _waits++;
            if (_waiting++ == 0)
                _since = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>It goes on.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (--_waiting == 0)
                _waited += Stopwatch.GetTimestamp() - _since;
        }
    }

    /// <summary>All of it up to now.</summary>
    public ReportWaits Read()
    {
        lock (_gate)
        {
            long running = _waiting > 0 ? Stopwatch.GetTimestamp() - _since : 0;
            return new ReportWaits(_waits, (ulong)Stopwatch.GetElapsedTime(0, _waited + running).TotalNanoseconds);
        }
    }
}
