using System.Runtime.ExceptionServices;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shell.Sessions;

/// <summary>Sessions that one command asks for and holds together: all of them, or none.</summary>
internal sealed class SessionSet(CommandScope scope)
{
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(10);

    /// <summary>A session that is to be had is there within this time, as a rule: one question and one answer then.</summary>
    private static readonly TimeSpan QuickAnswer = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly List<string> _requested = [];
    private readonly List<SessionHold> _holds = [];

    /// <summary>The ids for <paramref name="count"/> sessions: the one name, or with numbers behind it.</summary>
    public static IReadOnlyList<string> IdsOf(string id, int count) =>
        count == 1 ? [id] : [.. Enumerable.Range(1, count).Select(number => $"{id}-{number}")];

    /// <summary>One grant for all of them.</summary>
    public static SessionGrant GrantOf(IReadOnlyList<SessionStatus> running) =>
        SessionGrant.Merge([.. running.Select(session => session.Grant!)]);

    /// <summary>Asks for sessions and waits until all can be used; otherwise none is kept.</summary>
    /// <param name="request">What each needs; its id is the common name.</param>
    /// <param name="count">How many.</param>
    /// <param name="hold">Holds each by a connection, from when it runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Their last status, each with its grant.</returns>
    /// <exception cref="GpuActorsException">One was refused or has ended, or nobody answered.</exception>
    /// <exception cref="IOException">A worker's gateway cannot be used.</exception>
    public async Task<IReadOnlyList<SessionStatus>> AcquireAsync(
        JobDocument request, int count, bool hold, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        var acquired = await Task.WhenAll(IdsOf(request.Id, count).Select(AcquireAsync));
        scope.Display.Clear();
        if (failure is not null)
        {
            await ReleaseAsync();
            ExceptionDispatchInfo.Throw(failure);
        }

        return acquired!;

        async Task<SessionStatus?> AcquireAsync(string id)
        {
            try
            {
                return await AcquireOneAsync(request with { Id = id }, hold, giveUp.Token);
            }
            catch (Exception e)
            {
                // The first to fail says why; that the others were given up for it is of no interest.
                Interlocked.CompareExchange(ref failure, e, null);
                await giveUp.CancelAsync();
                return null;
            }
        }
    }

    /// <summary>Gives all back: by a goodbye to the worker, and where that was not heard by a word to the scheduler.</summary>
    public async Task ReleaseAsync()
    {
        SessionHold[] holds;
        string[] ids;
        lock (_gate)
        {
            holds = [.. _holds];
            ids = [.. _requested];
            _holds.Clear();
            _requested.Clear();
        }

        var heard = await Task.WhenAll(holds.Select(ReleaseAsync));
        var said = holds.Where((_, i) => heard[i]).Select(hold => hold.Id);
        await Task.WhenAll(ids.Except(said, StringComparer.Ordinal).Select(EndAsync));
    }

    private async Task<SessionStatus> AcquireOneAsync(JobDocument request, bool hold, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _requested.Add(request.Id);
        }

        var requested = await RequestAsync(request, cancellationToken);
        var running = await WaitAsync(requested, cancellationToken);
        if (hold)
        {
            var held = await SessionHold.OpenAsync(
                running, scope.Client, scope.Time, scope.Display.Ended, cancellationToken);
            lock (_gate)
            {
                _holds.Add(held);
            }
        }

        return running;
    }

    private async Task<SessionStatus> RequestAsync(JobDocument request, CancellationToken cancellationToken)
    {
        try
        {
            return await scope.Client.Sessions.RequestAsync(request, QuickAnswer, cancellationToken);
        }
        catch (ApiException)
        {
            // It was refused: what has that id, if anything has, is not of this command and must not be ended.
            lock (_gate)
            {
                _requested.Remove(request.Id);
            }

            throw;
        }
    }

    private static async Task<bool> ReleaseAsync(SessionHold hold)
    {
        await using (hold)
        {
            return await hold.SayGoodbyeAsync();
        }
    }

    /// <summary>Waits for a session, but not where nothing could ever run it.</summary>
    private async Task<SessionStatus> WaitAsync(SessionStatus requested, CancellationToken cancellationToken)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = scope.Client.Sessions.WaitUntilRunningAsync(requested, Heard, cancellationToken);
        if (!scope.WaitsForHosts)
        {
            var refused = RequireGpusAsync(waits.Task, cancellationToken);
            if (await Task.WhenAny(running, refused) == refused)
            {
                await refused;
            }
        }

        return await running;

        void Heard(SessionStatus status)
        {
            scope.Display.Heard(status);
            if (status is { State: JobState.Queued, Reason: not null })
            {
                waits.TrySetResult();
            }
        }
    }

    private async Task RequireGpusAsync(Task waits, CancellationToken cancellationToken)
    {
        await waits;
        if ((await scope.Client.Cluster.ListGpusAsync(cancellationToken)).Count == 0)
        {
            throw new GpuActorsException(
                "The cluster has no GPUs now: no worker is registered. With --wait TIME this waits for one.");
        }
    }

    /// <summary>What the scheduler does not hear now, its lease tells it later.</summary>
    private async Task EndAsync(string id)
    {
        using var timeout = new CancellationTokenSource(ReleaseTime, scope.Time);
        try
        {
            await scope.Client.Sessions.EndAsync(id, timeout.Token);
        }
        catch (ApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            // The request was never heard.
        }
        catch (Exception e) when (e is GpuActorsException or OperationCanceledException)
        {
            scope.Display.Say($"session {id} could not be released: {e.Message}");
        }
    }
}

/// <summary>What a set of sessions works with.</summary>
/// <param name="Client">The cluster.</param>
/// <param name="Time">Clock and timers.</param>
/// <param name="Display">Tells the user what is waited for.</param>
/// <param name="WaitsForHosts">Also when there is no GPU at all.</param>
internal sealed record CommandScope(GpuActorsClient Client, TimeProvider Time, WaitingDisplay Display, bool WaitsForHosts);
