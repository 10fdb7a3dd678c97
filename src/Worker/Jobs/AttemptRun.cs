using System.Globalization;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Executors.Engine;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Jobs;

/// <summary>One run of a job on a session that is open; ends the session, in order or by a kill.</summary>
internal sealed class AttemptRun : IAsyncDisposable
{
    private readonly ExecutorSession _session;
    private readonly JobRunner _runner;
    private readonly AttemptInputs _inputs;
    private readonly StartAttempt _attempt;
    private readonly TimeProvider _time;
    private readonly AttemptLimits _limits;
    private readonly long _startedAt;

    public AttemptRun(
        ExecutorSession session, JobRunner runner, AttemptInputs inputs, StartAttempt attempt, TimeProvider time,
        CancellationToken stop)
    {
        _session = session;
        _runner = runner;
        _inputs = inputs;
        _attempt = attempt;
        _time = time;
        _startedAt = time.GetTimestamp();
        _limits = new AttemptLimits(session, attempt.TimeLimit, time, stop);
    }

    /// <summary>Runs the job. When the task ends, nothing of it is left on the device.</summary>
    public async Task<AttemptEnd> ToEndAsync()
    {
        var job = await RunAsync().ConfigureAwait(false);
        var runTime = _time.GetElapsedTime(_startedAt);
        if (job is { Result: JobResult.Completed } && _limits.TryFinish())
        {
            await _session.ReleaseAsync().ConfigureAwait(false);
            return new AttemptEnd(job, null, runTime);
        }

        var outcome = await DescribeAsync(job).ConfigureAwait(false);
        await _session.KillAsync("its job did not end in order").ConfigureAwait(false);
        job?.Dispose();
        return new AttemptEnd(null, outcome with { RunTime = runTime }, runTime);
    }

    /// <summary>Kills the executor if the session has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        await _limits.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Null: it was cut short.</summary>
    private async Task<JobOutcome?> RunAsync()
    {
        try
        {
            return await _runner.RunAsync(_session.Connection, _limits.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_limits.Ended.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<AttemptOutcome> DescribeAsync(JobOutcome? job)
    {
        if (_limits.Cause == AttemptCut.Stop)
        {
            return AttemptOutcomes.Stopped("The attempt was stopped.");
        }

        if (_limits.Cause == AttemptCut.TimeLimit)
        {
            return Failed(job, "timeLimit", string.Create(
                CultureInfo.InvariantCulture,
                $"The job ran into its time limit of {_attempt.TimeLimit.TotalSeconds:0.###} s."));
        }

        if (_inputs.Failure is { } missing)
        {
            return AttemptInputs.IsFinal(missing)
                ? Failed(job, "inputMissing", missing.Message)
                : AttemptOutcomes.Refused("schedulerUnreachable", missing.Message);
        }

        return job!.Result == JobResult.ExecutorLost
            ? await DescribeLossAsync(job).ConfigureAwait(false)
            : Failed(job, job.Failure!.Kind, job.Failure.Message);
    }

    /// <summary>The connection is gone; the process follows within the pool's grace, and its exit says why.</summary>
    private async Task<AttemptOutcome> DescribeLossAsync(JobOutcome job)
    {
        var exit = await _session.Exited.ConfigureAwait(false);
        return exit switch
        {
            { Kind: ExecutorExitKind.MemoryExceeded } =>
                Failed(job, "processMemory", $"The executor was killed: {exit.Description}.", exit.ErrorOutput),

            { Kind: ExecutorExitKind.TurnExceeded } =>
                Failed(job, "kernelTime", $"The executor was killed: {exit.Description}.", exit.ErrorOutput),

            // The worker ends, or somebody killed the process: another attempt may well complete.
            { Kind: ExecutorExitKind.Killed } or { Signal: Signals.Kill or Signals.Terminate } =>
                AttemptOutcomes.Refused("executorKilled", $"The executor is gone: {exit.Description}."),
            { Code: ExitCode.LeaseEnded } => AttemptOutcomes.Refused(
                "hostCutOff", "The executor ended itself: the worker did not renew its lease in time."),
            _ => Failed(job, "executorCrashed", $"The executor is gone: {exit.Description}.", exit.ErrorOutput),
        };
    }

    private static AttemptOutcome Failed(JobOutcome? job, string kind, string message, string? log = null)
    {
        var error = new JobError
        {
            Kind = kind,
            Message = message,
            Step = job?.Failure?.Step,
            Log = string.IsNullOrEmpty(log) ? job?.Failure?.Log : log,
        };
        return new AttemptOutcome(AttemptResult.Failed, error, [], job?.Log ?? "", TimeSpan.Zero);
    }
}

/// <summary>How a run ended: with a completed job whose outputs are still to be stored, or with an outcome.</summary>
internal sealed record AttemptEnd(JobOutcome? Job, AttemptOutcome? Outcome, TimeSpan RunTime) : IDisposable
{
    /// <summary>Deletes the files of the outputs.</summary>
    public void Dispose() => Job?.Dispose();
}
