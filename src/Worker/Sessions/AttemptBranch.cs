using System.Text.Json;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;

namespace GpuActors.Worker.Sessions;

/// <summary>Attempts of jobs go one way, those of interactive sessions another.</summary>
/// <param name="jobs">Runs jobs.</param>
/// <param name="sessions">Runs interactive sessions; null: this worker runs none.</param>
internal sealed class AttemptBranch(IAttemptRunner jobs, IAttemptRunner? sessions) : IAttemptRunner
{
    /// <inheritdoc/>
    public Task<AttemptOutcome> RunAsync(StartAttempt attempt, IAttemptObserver observer, CancellationToken stop)
    {
        if (!IsInteractive(attempt.Document))
        {
            return jobs.RunAsync(attempt, observer, stop);
        }

        return sessions is not null
            ? sessions.RunAsync(attempt, observer, stop)
            : Task.FromResult(AttemptOutcomes.Refused(
                "noSessions",
                $"Host {attempt.Slices[0].Host} runs no interactive sessions (worker.sessions.enabled is false there)."));
    }

    private static bool IsInteractive(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("interactive", out _);
}
