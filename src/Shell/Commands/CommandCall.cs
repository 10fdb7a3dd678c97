using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shell.Connections;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary>One run of a command: its arguments, a client for it, and where its results go.</summary>
internal sealed class CommandCall : IDisposable
{
    private readonly GlobalOptions _globals;
    private readonly Lazy<GpuActorsClient> _client;

    public CommandCall(
        ShellEnvironment environment, GlobalOptions globals, ParseResult parsed, CancellationToken cancellationToken)
    {
        Environment = environment;
        Parsed = parsed;
        CancellationToken = cancellationToken;
        _globals = globals;
        _client = new Lazy<GpuActorsClient>(Connect);
        Results = new ResultWriter(environment, parsed.GetValue(globals.Json));
    }

    public ShellEnvironment Environment { get; }

    public ParseResult Parsed { get; }

    public CancellationToken CancellationToken { get; }

    public ResultWriter Results { get; }

    /// <summary>The client; made when it is first needed.</summary>
    public GpuActorsClient Client => _client.Value;

    public string? Tenant => Parsed.GetValue(_globals.Tenant);

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    /// <summary>Where the cluster is and what ticket to show.</summary>
    /// <exception cref="UsageException">There is no address or ticket, or it is wrong.</exception>
    public GpuActorsClientOptions ClientOptions() => ConnectionResolver.Resolve(
        Environment, Parsed.GetValue(_globals.Server) ?? [], Parsed.GetValue(_globals.Ticket), Tenant);

    private GpuActorsClient Connect() => new(ClientOptions());
}
