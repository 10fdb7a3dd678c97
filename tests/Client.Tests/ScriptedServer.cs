using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuActors.Client.Tests;

/// <summary>What a client sent.</summary>
internal sealed record ReceivedRequest(string Method, string PathAndQuery, IHeaderDictionary Headers, byte[] Body);

/// <summary>A real HTTP server on a free port that answers, or misbehaves, as the test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RequestDelegate>> _scripts = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var server = new ScriptedServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return server;
    }

    /// <summary>Answers to requests for <c>METHOD /path</c>, in turn; the last answers all further ones too.</summary>
    public ScriptedServer On(string request, params RequestDelegate[] answers)
    {
        _scripts[request] = new ConcurrentQueue<RequestDelegate>(answers);
        return this;
    }

    public IReadOnlyList<ReceivedRequest> To(string request) =>
        [.. _received.Where(r => $"{r.Method} {r.PathAndQuery.Split('?')[0]}" == request)];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = context.Request;
        request.Body = new MemoryStream(body.ToArray());
        _received.Enqueue(new ReceivedRequest(
            request.Method, request.Path + request.QueryString, new HeaderDictionary(request.Headers.ToDictionary()), body.ToArray()));
        if (!_scripts.TryGetValue($"{request.Method} {request.Path}", out var script))
        {
            await Answers.Problem(404, "not-found")(context);
            return;
        }

        var answer = script.Count > 1 && script.TryDequeue(out var next) ? next : script.First();
        await answer(context);
    }
}
