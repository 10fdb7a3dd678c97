namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>How far a set of runs has come. Any thread may report and read.</summary>
/// <param name="name">What it is the progress of.</param>
/// <param name="runs">How many runs there are.</param>
public sealed class RunProgress(string name, int runs)
{
    private const int PartsPerRun = 1000;

    private long _parts;

    /// <summary>What it is the progress of.</summary>
    public string Name => name;

    /// <summary>The part that is done, 0 to 1.</summary>
    public double Done => (double)Interlocked.Read(ref _parts) / (PartsPerRun * Math.Max(1, runs));

    /// <summary>A reporter for one run.</summary>
    public RunReporter Begin(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>One run tells how far it is, and hears whether it is to end.</summary>
    public sealed class RunReporter(RunProgress progress, CancellationToken cancellationToken)
    {
        private const int EventsBetween = 256;

        private int _reported;
        private int _events;

        /// <summary>An event is over.</summary>
        /// <param name="done">The part of the run that is done, 0 to 1.</param>
        /// <exception cref="OperationCanceledException">The run is to end.</exception>
        public void Report(double done)
        {
            if (++_events % EventsBetween == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReportNow(done);
            }
        }

        /// <summary>The run is over.</summary>
        public void End() => ReportNow(1);

        private void ReportNow(double done)
        {
            var parts = (int)(Math.Clamp(done, 0, 1) * PartsPerRun);
            if (parts > _reported)
            {
                Interlocked.Add(ref progress._parts, parts - _reported);
                _reported = parts;
            }
        }
    }
}
