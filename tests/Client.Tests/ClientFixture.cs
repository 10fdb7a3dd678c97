namespace GpuActors.Client.Tests;

/// <summary>A server and a client that retries quickly; the base of this project's tests.</summary>
public abstract class ClientFixture : IAsyncLifetime
{
    private protected ScriptedServer Server { get; private set; } = null!;

    private protected GpuActorsClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await ScriptedServer.StartAsync();
        Client = new GpuActorsClient(Options(Server.Address));
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private protected static GpuActorsClientOptions Options(params Uri[] servers) => new()
    {
        Servers = servers,
        Ticket = "gat1.test.ticket",
        RetryDelayMin = TimeSpan.FromMilliseconds(1),
        RetryDelayMax = TimeSpan.FromMilliseconds(5),
        Attempts = 4,
    };
}
