using System.Globalization;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Blobs;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Runs attempts of jobs on executor processes: takes one for the slice's device, sends it the job, kills it at the
/// time limit or on the scheduler's word, and says how it ended. The slice is free when the outcome is there.
/// </summary>
/// <param name="pool">Executors.</param>
/// <param name="devices">The host's GPUs by index.</param>
/// <param name="blobs">Inputs and large outputs.</param>
/// <param name="settings">Bounds of a run.</param>
/// <param name="runtime">Clock.</param>
/// <param name="instances">MIG slices that the driver makes; null where there is no NVML.</param>
public sealed class JobAttempt(
    ExecutorPool pool, IReadOnlyDictionary<int, AttemptDevice> devices, BlobTransfer blobs, JobRunSettings settings,
    IActorRuntime runtime, MigInstances? instances = null) : IAttemptRunner
{
    private long _begun;

    /// <inheritdoc/>
    public async Task<AttemptOutcome> RunAsync(
        StartAttempt attempt, IAttemptObserver observer, CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // off the calling actor's turn
        var parsed = JobDocument.Parse(attempt.Document);
        if (!parsed.IsValid)
        {
            return AttemptOutcomes.Without(
                AttemptResult.Failed, "document", $"The job document is not right: {parsed.Problems[0]}");
        }

        var slice = attempt.Slices[0];
        if (!devices.TryGetValue(slice.GpuIndex, out var device))
        {
            return AttemptOutcomes.Refused("noSuchDevice", $"Host {slice.Host} has no GPU {slice.GpuIndex}.");
        }

        try
        {
            using var folder = OwnFolder();
            var inputs = new AttemptInputs(blobs, attempt.Tenant);
            var runner = new JobRunner(
                parsed.Document,
                settings with { OutputFolder = folder.Path },
                inputs.OpenAsync,
                new AttemptProgress(observer),
                runtime.Time);
            using var instance = await new SliceCut(pool, instances).MakeAsync(device, slice, stop);
            var session = await pool.AcquireAsync(device.Request(attempt, slice, instance), runner, stop);
            observer.Started();
            await using var run = new AttemptRun(session, runner, inputs, attempt, runtime.Time, stop);
            using var end = await run.ToEndAsync();
            return end.Job is { } job ? await StoreAsync(job, end, attempt, stop) : end.Outcome!;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return AttemptOutcomes.Stopped("The attempt was stopped.");
        }
        catch (ExecutorUnavailableException e)
        {
            return AttemptOutcomes.Refused("noExecutor", e.Message);
        }
        catch (Exception e) when (e is MigLayoutException or NvmlException)
        {
            return AttemptOutcomes.Refused("noMigSlice", e.Message);
        }
        catch (ObjectDisposedException e) when (e.ObjectName == nameof(ExecutorPool))
        {
            return AttemptOutcomes.Refused("workerStopped", $"The worker of host {slice.Host} is stopping.");
        }
    }

    private AttemptFolder OwnFolder() => new(Path.Combine(
        settings.OutputFolder, Interlocked.Increment(ref _begun).ToString(CultureInfo.InvariantCulture)));

    private async Task<AttemptOutcome> StoreAsync(
        JobOutcome job, AttemptEnd end, StartAttempt attempt, CancellationToken stop)
    {
        try
        {
            var outputs = await AttemptOutputs.StoreAsync(
                job.Outputs, blobs, attempt.Tenant, settings.InlineTotalBytes, stop);
            return new AttemptOutcome(AttemptResult.Completed, null, outputs, job.Log, end.RunTime);
        }
        catch (BlobTransferException e)
        {
            return AttemptInputs.IsFinal(e)
                ? AttemptOutcomes.Without(AttemptResult.Failed, "outputNotStored", e.Message, job.Log)
                : AttemptOutcomes.Refused("schedulerUnreachable", e.Message);
        }
    }

    private sealed class AttemptProgress(IAttemptObserver observer) : IJobObserver
    {
        public void Progress(long stepsDone, long stepsTotal) => observer.Progress(stepsDone, stepsTotal);

        public void Log(string text) => observer.Log(text);
    }
}
