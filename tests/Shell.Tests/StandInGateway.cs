using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Shell.Tests;

/// <summary>A worker's gateway as far as a session's holder can tell: it checks tickets, and hears goodbyes.</summary>
internal sealed class StandInGateway : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TicketAuthority _authority =
        new(ClusterSecret.FromText("correct horse battery staple"), TimeProvider.System);

    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ConcurrentDictionary<string, Socket> _held = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public StandInGateway()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>What has happened so far: <c>hold SCOPE</c>, <c>goodbye SCOPE</c>, <c>gone SCOPE</c>, <c>refused</c>.</summary>
    public IReadOnlyList<string> Heard => [.. _heard];

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The status of a session that runs here.</summary>
    public SessionStatus Running(string id, string? address = null) => Status(id, JobState.Running) with
    {
        Epoch = 7,
        Grant = new SessionGrant
        {
            Session = $"acme/{id}",
            Epoch = 7,
            Ticket = _authority.Issue("test", "acme", TicketRole.Session, TimeSpan.FromHours(1), $"acme/{id}@7"),
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
            Devices = [new GrantedDevice { Slice = "h/0/s0", Address = address ?? Address, Machine = "m" }],
        },
    };

    public static SessionStatus Status(string id, JobState state, string? reason = null) =>
        new() { Id = id, Tenant = "acme", State = state, Reason = reason, CreatedAt = DateTimeOffset.UnixEpoch };

    /// <summary>A scheduler's answer to whatever session is asked for: it waits.</summary>
    public static async Task AcceptAsync(HttpContext context)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body);
        var id = request.RootElement.GetProperty("id").GetString()!;
        await Client.Tests.Answers.Json(
            Status(id, JobState.Queued), ApiJsonContext.Default.SessionStatus, StatusCodes.Status202Accepted)(context);
    }

    /// <summary>Waits until something has been heard.</summary>
    public async Task AwaitAsync(string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!_heard.Contains(what))
        {
            try
            {
                await _news.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"'{what}' was not heard within {Deadline}, but: {string.Join(", ", _heard)}.");
            }
        }
    }

    /// <summary>Ends a session's connection as a broken network does.</summary>
    public void Drop(string scope)
    {
        if (_held.TryRemove(scope, out var socket))
        {
            socket.Close(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _news.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        string scope = "?";
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var challenge = new Challenge(
                ProtocolVersion.Oldest, ProtocolVersion.Newest, Tls: false, GatewayHandshake.NewNonce());
            await GatewayHandshake.WriteAsync(stream, challenge, _stop.Token);
            var connect = CommandReader.Read<Connect>(await GatewayHandshake.ReadAsync(stream, _stop.Token));
            var verdict = _authority.VerifyProof(connect, challenge.Nonce.Span, out var key);
            if (key is null || connect.Kind != ConnectionKind.Hold)
            {
                Hear("refused");
                return;
            }

            scope = verdict.Ticket!.Scope!;
            _held[scope] = socket;
            await GatewayHandshake.WriteAsync(
                stream, key.Accept(connect.Nonce.Span, challenge.Nonce.Span), _stop.Token);
            Hear($"hold {scope}");
            CommandReader.Read<Goodbye>(await GatewayHandshake.ReadAsync(stream, _stop.Token));
            Hear($"goodbye {scope}");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Hear($"gone {scope}");
        }
    }

    private void Hear(string what)
    {
        _heard.Enqueue(what);
        _news.Release();
    }
}
