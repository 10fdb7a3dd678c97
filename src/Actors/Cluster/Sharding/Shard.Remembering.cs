using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Starts the entities that have something to do, page by page and at a bounded rate.</summary>
internal sealed partial class Shard
{
    private static readonly TimeSpan RetryRemember = TimeSpan.FromSeconds(1);
    private readonly Queue<string> _remembered = new();
    private string? _rememberedUpTo;

    private void Remember(string? afterId)
    {
        if (Settings.RememberEntities is not { } remembered)
        {
            return;
        }

        Task<IReadOnlyList<string>> page;
        try
        {
            page = remembered(_spec.ScopeOf(_id), afterId);
        }
        catch (Exception e)
        {
            page = Task.FromException<IReadOnlyList<string>>(e);
        }

        _ = page.PipeTo(Self, success: ids => new RememberedPage(ids), failure: cause => new RememberFailed(cause));
    }

    private void OnRemembered(object message)
    {
        if (_isHandingOff)
        {
            return;
        }

        switch (message)
        {
            case RememberedPage { EntityIds.Count: > 0 } page:
                _rememberedUpTo = page.EntityIds[^1];
                foreach (var id in page.EntityIds)
                {
                    _remembered.Enqueue(id);
                }

                StartSome();
                break;
            case RememberFailed failed:
                Context.GetLogger().LogWarning(
                    "The entities of {Scope} can't be listed yet: {Problem}", _spec.ScopeOf(_id), failed.Cause.Message);
                Timers.StartSingleTimer(nameof(Remember), StartRemembered.Instance, RetryRemember);
                break;
            case StartRemembered:
                StartSome();
                break;
        }
    }

    private void StartSome()
    {
        for (var i = 0; i < Settings.EntityStartBatch && _remembered.TryDequeue(out var id); i++)
        {
            EntityOf(id);
        }

        if (_remembered.Count > 0)
        {
            Timers.StartSingleTimer(nameof(Remember), StartRemembered.Instance, Settings.EntityStartInterval);
        }
        else
        {
            Remember(_rememberedUpTo);
        }
    }

    private sealed record RememberedPage(IReadOnlyList<string> EntityIds);

    private sealed record RememberFailed(Exception Cause);

    private sealed class StartRemembered
    {
        public static StartRemembered Instance { get; } = new();
    }
}
