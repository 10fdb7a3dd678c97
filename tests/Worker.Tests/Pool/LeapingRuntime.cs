using GpuActors.Actors.Runtime;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>A machine so busy that much time passes between any two looks at the clock.</summary>
internal sealed class LeapingRuntime(TimeSpan leap) : IActorRuntime
{
    private readonly ProductionRuntime _inner = new();

    public TimeProvider Time { get; } = new LeapingTime(leap);

    public IRandomSource Random => _inner.Random;

    public INetwork Network => _inner.Network;

    public void Execute(IThreadPoolWorkItem work) => _inner.Execute(work);

    private sealed class LeapingTime(TimeSpan leap) : TimeProvider
    {
        private readonly long _leap = (long)(leap.TotalSeconds * System.TimestampFrequency);
        private long _looks;

        public override long GetTimestamp() => System.GetTimestamp() + (Interlocked.Increment(ref _looks) * _leap);
    }
}
