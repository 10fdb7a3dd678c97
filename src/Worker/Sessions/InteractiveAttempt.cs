using System.Globalization;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Nvml;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// Runs attempts of interactive sessions: opens the gateway to their client and waits until the client gives the session
/// back, is gone for too long, does nothing for too long, or the attempt is ended. The slice is free when the outcome is
/// there.
/// </summary>
/// <param name="pool">Executors.</param>
/// <param name="devices">The host's GPUs by index.</param>
/// <param name="gateway">Where clients connect.</param>
/// <param name="maxStreams">Streams of one session at one time.</param>
/// <param name="runtime">Clock.</param>
/// <param name="logger">Log.</param>
/// <param name="instances">MIG slices that the driver makes; null where there is no NVML.</param>
internal sealed class InteractiveAttempt(
    ExecutorPool pool, IReadOnlyDictionary<int, AttemptDevice> devices, SessionGateway gateway, int maxStreams,
    IActorRuntime runtime, ILogger<InteractiveAttempt> logger, MigInstances? instances = null) : IAttemptRunner
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40); // a timer's bound is 49 days

    /// <inheritdoc/>
    public async Task<AttemptOutcome> RunAsync(
        StartAttempt attempt, IAttemptObserver observer, CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // off the calling actor's turn
        var parsed = JobDocument.Parse(attempt.Document);
        if (!parsed.IsValid || parsed.Document.Interactive is not { } terms)
        {
            var problem = parsed.IsValid ? "it has no field interactive." : parsed.Problems[0].ToString();
            return AttemptOutcomes.Without(
                AttemptResult.Failed, "document", $"The session's document is not right: {problem}");
        }

        var slice = attempt.Slices[0];
        if (!devices.TryGetValue(slice.GpuIndex, out var device))
        {
            return AttemptOutcomes.Refused("noSuchDevice", $"Host {slice.Host} has no GPU {slice.GpuIndex}.");
        }

        try
        {
            using var instance = await new SliceCut(pool, instances).MakeAsync(device, slice, stop);
            var request = device.Request(attempt, slice, instance) with { SharesSlice = true };
            return await ServeAsync(attempt, request, terms, observer, stop);
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
    }

    private async Task<AttemptOutcome> ServeAsync(
        StartAttempt attempt, SessionRequest request, InteractiveTerms terms, IAttemptObserver observer,
        CancellationToken stop)
    {
        var startedAt = runtime.Time.GetTimestamp();
        var session = new LiveSession(
            request, terms, maxStreams, pool, runtime.Time, logger,
            gateway.UsesTls ? SessionCertificate.Create(runtime.Time.GetUtcNow(), gateway.Clients) : null, gateway.ResumeTime);
        SessionEnd end;
        using var usage = pool.KeepUsage(request); // to the end of the last executor
        await using (session)
        {
            using var opened = gateway.Open(session);
            var limit = attempt.TimeLimit < LongestTimer ? attempt.TimeLimit : LongestTimer;
            using var timer = new CancellationTokenSource(limit, runtime.Time);
            await using var onTime = timer.Token.UnsafeRegister(
                _ => session.End(SessionEndKind.TimeLimit, Describe(attempt.TimeLimit)), null);
            await using var onStop = stop.UnsafeRegister(
                _ => session.End(SessionEndKind.Stopped, "The attempt was stopped."), null);
            observer.Started(gateway.EndpointOf(session));
            end = await session.Ended;
        }

        logger.LogInformation("Session {Session} has ended: {Reason}", attempt.Session, end.Reason);
        return OutcomeOf(end) with { RunTime = runtime.Time.GetElapsedTime(startedAt) };
    }

    private static AttemptOutcome OutcomeOf(SessionEnd end) => end.Kind switch
    {
        SessionEndKind.Stopped => AttemptOutcomes.Stopped(end.Reason),
        SessionEndKind.TimeLimit => AttemptOutcomes.Without(AttemptResult.Failed, "timeLimit", end.Reason),
        _ => new AttemptOutcome(AttemptResult.Completed, null, [], end.Reason, TimeSpan.Zero),
    };

    private static string Describe(TimeSpan limit) => string.Create(
        CultureInfo.InvariantCulture, $"The session ran into its time limit of {limit.TotalSeconds:0.###} s.");
}
