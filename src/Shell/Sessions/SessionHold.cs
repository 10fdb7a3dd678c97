using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// Holds a session that runs until it is released: a connection that is lost is opened again, with a new ticket where
/// need be, as long as there is the session.
/// </summary>
internal sealed class SessionHold : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly GpuActorsClient _client;
    private readonly TimeProvider _time;
    private readonly Action<SessionStatus> _ended;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private HoldConnection? _connection;

    private SessionHold(
        string id, GpuActorsClient client, TimeProvider time, HoldConnection connection, Action<SessionStatus> ended)
    {
        Id = id;
        _client = client;
        _time = time;
        _connection = connection;
        _ended = ended;
        _watching = WatchAsync();
    }

    public string Id { get; }

    /// <summary>Opens the connection of a session that runs.</summary>
    /// <param name="running">Its status, with the grant.</param>
    /// <param name="client">Tells how the session stands when the connection was lost.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="ended">Called when the session ends although nobody has released it here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The gateway cannot be used.</exception>
    public static async Task<SessionHold> OpenAsync(
        SessionStatus running,
        GpuActorsClient client,
        TimeProvider time,
        Action<SessionStatus> ended,
        CancellationToken cancellationToken) => new(
            running.Id, client, time, await HoldConnection.OpenAsync(running.Grant!, time, cancellationToken), ended);

    /// <summary>Ends the hold, and says goodbye. False: the worker may not have heard it.</summary>
    public async Task<bool> SayGoodbyeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        return _connection is { } connection && await connection.SayGoodbyeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (_connection is { } connection)
            {
                await connection.WaitForEndAsync(_stop.Token);
                _connection = null;
                await connection.DisposeAsync();
                _connection = await ReopenAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Released.
        }
    }

    /// <summary>Connects again; null when the session has ended.</summary>
    private async Task<HoldConnection?> ReopenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var status = await _client.Sessions.GetAsync(Id, cancellationToken);
                if (status.State.IsTerminal())
                {
                    _ended(status);
                    return null;
                }

                if (status.Grant is { } grant)
                {
                    return await HoldConnection.OpenAsync(grant, _time, cancellationToken);
                }
            }
            catch (Exception e) when (e is IOException or GpuActorsException)
            {
                // Whether the session is still there only its scheduler can say; until it does this goes on.
            }

            await Task.Delay(RetryDelay, _time, cancellationToken);
        }
    }
}
