using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence;

/// <summary>An actor system on a SQLite file of its own, which <see cref="RestartAsync"/> replaces by a new one.</summary>
public abstract class PersistentActorTestBase : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private protected TestKit.TestKit Kit { get; private set; } = null!;

    private protected InterceptingStore Store { get; private set; } = null!;

    private protected PersistenceSettings Settings { get; set; } = new();

    public Task InitializeAsync()
    {
        Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private protected async Task RestartAsync()
    {
        await StopAsync();
        Start();
    }

    private protected SqliteEventStore OpenStore() => SqliteEventStore.Open(
        new SqliteEventStoreSettings { Path = _folder.File("journal.db") }, new ProductionRuntime());

    private protected IActorRef StartLedger(string id = "ledger") =>
        Kit.ActorOf(Props.Create(() => new Ledger(id, Kit.TestActor)));

    private protected string Texts(IActorRef ledger) => Kit.Await(ledger.Ask<string>(new Ledger.Get()));

    private protected void Add(IActorRef ledger, params string[] texts)
    {
        foreach (var text in texts)
            Kit.Await(ledger.Ask<Added>(new Ledger.Add(text)));
    }

    private void Start()
    {
        Kit = new TestKit.TestKit(new ProductionRuntime());
        Store = new InterceptingStore(OpenStore());
        Kit.Sys.Serialization.Register("added/1", LedgerJson.Default.Added);
        Kit.Sys.Serialization.Register("ledger-state/1", LedgerJson.Default.LedgerState);
        Kit.Sys.UsePersistence(Store, Settings);
    }

    private async Task StopAsync()
    {
        Store.Release();
        await Kit.Sys.Terminate();
        Kit.Dispose();
        await Store.DisposeAsync();
    }
}
