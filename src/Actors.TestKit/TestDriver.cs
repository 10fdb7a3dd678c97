using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>How a test waits.</summary>
internal abstract class TestDriver
{
    /// <summary>What a failure should mention, such as the seed.</summary>
    public abstract string Circumstances { get; }

    /// <summary>Waits until the condition holds; false when it does not in time.</summary>
    public abstract bool WaitUntil(Func<bool> condition, TimeSpan timeout);

    /// <summary>Lets time pass.</summary>
    public abstract void Pass(TimeSpan time);

    /// <summary>Says that a condition may have changed.</summary>
    public virtual void Signal()
    {
    }
}

/// <summary>Runs the simulation while the test waits.</summary>
internal sealed class VirtualDriver(VirtualRuntime runtime) : TestDriver
{
    public override string Circumstances => $" (Seed {runtime.Seed}, virtual time {runtime.Elapsed}.)";

    public override bool WaitUntil(Func<bool> condition, TimeSpan timeout) => runtime.RunUntil(condition, timeout);

    public override void Pass(TimeSpan time) => runtime.Advance(time);
}

/// <summary>Blocks the test's thread while the system works on others.</summary>
internal sealed class RealTimeDriver(IActorRuntime runtime) : TestDriver
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    private readonly object _changed = new();

    public override string Circumstances => "";

    public override bool WaitUntil(Func<bool> condition, TimeSpan timeout)
    {
        var start = runtime.Time.GetTimestamp();
        lock (_changed)
        {
            while (!condition())
            {
                if (runtime.Time.GetElapsedTime(start) >= timeout)
                {
                    return false;
                }

                Monitor.Wait(_changed, LookAgain);
            }
        }

        return true;
    }

    public override void Pass(TimeSpan time) => WaitUntil(static () => false, time);

    public override void Signal()
    {
        lock (_changed)
        {
            Monitor.PulseAll(_changed);
        }
    }
}
