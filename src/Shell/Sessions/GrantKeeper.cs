using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// Replaces a program's grant before its tickets expire, so that what the program starts or connects anew later finds one
/// that is valid.
/// </summary>
internal sealed class GrantKeeper : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly CommandScope _scope;
    private readonly string[] _ids;
    private readonly Action<SessionGrant> _replace;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;

    /// <summary>Begins.</summary>
    /// <param name="scope">The cluster, and the clock.</param>
    /// <param name="running">The sessions, with their grants.</param>
    /// <param name="replace">Called with a grant for all of them.</param>
    public GrantKeeper(CommandScope scope, IReadOnlyList<SessionStatus> running, Action<SessionGrant> replace)
    {
        _scope = scope;
        _ids = [.. running.Select(session => session.Id)];
        _replace = replace;
        _keeping = KeepAsync(SessionSet.GrantOf(running));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
    }

    private async Task KeepAsync(SessionGrant grant)
    {
        try
        {
            while (true)
            {
                var half = (grant.ExpiresAt - _scope.Time.GetUtcNow()) / 2;
                await Task.Delay(half > ShortestPause ? half : ShortestPause, _scope.Time, _stop.Token);
                if (await RenewAsync() is { } renewed)
                {
                    grant = renewed;
                    _replace(grant);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program has ended.
        }
    }

    /// <summary>A grant for all sessions; null while there is none.</summary>
    private async Task<SessionGrant?> RenewAsync()
    {
        try
        {
            var found = await Task.WhenAll(_ids.Select(id => _scope.Client.Sessions.GetAsync(id, _stop.Token)));
            SessionGrant[] grants = [.. found.Select(session => session.Grant).OfType<SessionGrant>()];
            return grants.Length == _ids.Length ? SessionGrant.Merge(grants) : null;
        }
        catch (GpuActorsException)
        {
            return null;
        }
    }
}
