using GpuActors.Client.Tests;

namespace GpuActors.Shell.Tests;

/// <summary>A scripted server and a shell that is pointed at it.</summary>
public abstract class ShellFixture : IAsyncLifetime
{
    private protected ScriptedServer Server { get; private set; } = null!;

    private protected ShellProcess Shell { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await ScriptedServer.StartAsync();
        Shell = new ShellProcess().At(Server.Address);
    }

    public async Task DisposeAsync()
    {
        Shell.Dispose();
        await Server.DisposeAsync();
    }
}
