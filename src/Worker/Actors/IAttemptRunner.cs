using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>
/// Runs an attempt on a device. The real one uses an executor process; the simulator puts a model in its place.
/// </summary>
public interface IAttemptRunner
{
    /// <summary>
    /// Runs to the end and says how it ended; never throws for what a job can cause. When
    /// <paramref name="stop"/> is cancelled the executor is dead by the time the task ends.
    /// </summary>
    Task<AttemptOutcome> RunAsync(StartAttempt attempt, IAttemptObserver observer, CancellationToken stop);
}

/// <summary>Hears how an attempt gets on; may be called from any thread.</summary>
public interface IAttemptObserver
{
    /// <summary>An executor has begun.</summary>
    /// <param name="endpoint">Of an interactive session: where its client connects.</param>
    void Started(SessionEndpoint? endpoint = null);

    /// <summary>Steps done so far of all.</summary>
    void Progress(long stepsDone, long stepsTotal);

    /// <summary>A kernel printed something.</summary>
    void Log(string text);
}
