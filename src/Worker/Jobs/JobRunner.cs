using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Runs one job on an executor's session: builds its programs, streams its steps, collects its outputs. Open the
/// session with the runner as its observer, then call <see cref="RunAsync"/> once.
/// </summary>
public sealed class JobRunner : ICommandObserver
{
    private readonly JobPlan _plan;
    private readonly JobRunSettings _settings;
    private readonly OpenBlob _openBlob;
    private readonly TimeProvider _time;
    private readonly CommandLedger _ledger = new();
    private readonly Markers _markers = new();
    private readonly JobLog _log;
    private readonly ProgressReport _progress;

    /// <summary>A runner for one run of <paramref name="document"/>.</summary>
    /// <exception cref="JobFormatException">The document is not right.</exception>
    public JobRunner(
        JobDocument document, JobRunSettings settings, OpenBlob openBlob, IJobObserver observer, TimeProvider time)
    {
        _plan = JobPlan.Of(document);
        _settings = settings;
        _openBlob = openBlob;
        _time = time;
        _log = new JobLog(settings.LogBytes, observer);
        _progress = new ProgressReport(_plan.TotalSteps, settings.ProgressInterval, time, observer);
    }

    /// <summary>Runs the job to its end.</summary>
    /// <param name="sink">A session with this runner as observer, on which nothing was done yet.</param>
    /// <param name="cancellationToken">
    /// Stops sending and waiting; what the device has begun goes on until the executor is killed.
    /// </param>
    /// <returns>How it ended, whatever the job's fault may be.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<JobOutcome> RunAsync(ICommandSink sink, CancellationToken cancellationToken)
    {
        var times = new RunTimes(_time);
        try
        {
            var outputs = await RunStepsAsync(sink, times, cancellationToken).ConfigureAwait(false);
            return new JobOutcome(JobResult.Completed, null, outputs, _log.ToString(), times.Build, times.Steps);
        }
        catch (JobFailureException e)
        {
            return Failed(_ledger.Describe() ?? e.Failure, times);
        }
        catch (CommandException e)
        {
            return Failed(_ledger.Describe() ?? JobFailureException.Of(e.Code, e.Detail, null), times);
        }
    }

    /// <inheritdoc/>
    void ICommandObserver.OnFailed(ulong sequence, Error error)
    {
        _ledger.Fail(sequence, error);
        _markers.Ended(sequence, new EventStatus(0, error.Code));
    }

    /// <inheritdoc/>
    void ICommandObserver.OnEvent(ulong sequence, EventStatus status) => _markers.Ended(sequence, status);

    /// <inheritdoc/>
    void ICommandObserver.OnPrinted(ReadOnlySpan<byte> text) => _log.Append(text);

    /// <inheritdoc/>
    void ICommandObserver.OnClosed(ConnectionEnd end) => _markers.Close(
        new CommandException(0, new Error(OpenClErrors.ExecutorLost, 0, end.Reason)));

    private async Task<JobOutputData[]> RunStepsAsync(
        ICommandSink sink, RunTimes times, CancellationToken cancellationToken)
    {
        var state = new PlanState(_plan);
        var objects = new JobObjects(_plan);
        var commands = new JobCommands(_plan, objects, state);
        await using var inputs = await JobInputs.OpenAsync(_plan, state, _openBlob, cancellationToken)
            .ConfigureAwait(false);
        await using var outputs = new JobOutputs(_plan, _settings);
        times.BeginBuild();
        await BeginAsync(sink, cancellationToken).ConfigureAwait(false);
        var programs = await new JobBuild(sink, _plan, objects).RunAsync(cancellationToken).ConfigureAwait(false);
        times.BeginSteps();
        var stream = new JobStream(sink, inputs, outputs, _ledger, _markers, _progress, _time);
        await stream.RunAsync(commands.CreateKernels(programs).Concat(commands.Run()), cancellationToken)
            .ConfigureAwait(false);
        var finished = await outputs.FinishAsync(cancellationToken).ConfigureAwait(false);
        _progress.Advance(_plan.TotalSteps);
        times.End();
        return finished;
    }

    private async Task BeginAsync(ICommandSink sink, CancellationToken cancellationToken)
    {
        var device = sink.Welcome.Devices[0];
        if (_plan.UsesImages && !device.HasImages)
        {
            throw new JobFailureException(
                JobFailureKinds.OpenCl, JsonPointer.Root,
                $"The device '{device.Name}' has no images; the job needs them.");
        }

        var (context, queue) = JobCommands.Begin(device.Id, _plan.TakesTimes);
        await sink.SendAsync(context, cancellationToken).ConfigureAwait(false);
        await sink.SendAsync(queue, cancellationToken).ConfigureAwait(false);
    }

    private JobOutcome Failed(JobFailure failure, RunTimes times)
    {
        times.End();
        var result = failure.Kind == JobFailureKinds.ExecutorLost ? JobResult.ExecutorLost : JobResult.Failed;
        return new JobOutcome(result, failure, [], _log.ToString(), times.Build, times.Steps);
    }
}
