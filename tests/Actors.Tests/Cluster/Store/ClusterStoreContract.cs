using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Cluster.Store;

/// <summary>
/// What every store of a cluster does. Each implementation derives a test class from this one and from its siblings
/// (<c>ClusterStoreContract.*.cs</c>).
/// </summary>
public abstract partial class ClusterStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly List<IClusterStore> _nodes = [];

    private IClusterStore Store { get; set; } = null!;

    private IClusterStore Other { get; set; } = null!;

    public Task InitializeAsync()
    {
        Store = Open();
        Other = Open();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        Cleanup();
    }

    /// <summary>Opens another node on the data of this test.</summary>
    protected abstract IClusterStore OpenNode();

    /// <summary>Removes the data, after all nodes were closed.</summary>
    protected abstract void Cleanup();

    private IClusterStore Open()
    {
        var node = OpenNode();
        _nodes.Add(node);
        return node;
    }

    private static NewMember Member(string id, string? address = null) =>
        new(id, address ?? $"sys@{id}:1", $"http://{id}", ["scheduler", "api"], "1.2.3");

    private async Task<string> UpMember(string id)
    {
        await Store.JoinAsync(Member(id), Long);
        (await Store.SetStatusAsync(id, MemberStatus.Up)).ShouldBeTrue();
        return id;
    }

    private async Task<MemberRow?> Find(string id) =>
        (await Other.ReadClusterAsync(0)).Members.FirstOrDefault(member => member.Member.Id == id);

    private async Task<OwnershipToken> Claim(IClusterStore store, string memberId, string scope) =>
        (await store.ClaimAsync(memberId, [scope])).ShouldHaveSingleItem();

    private async Task LetLeaseRunOut(string id)
    {
        await Store.RenewAsync(id, TimeSpan.FromMilliseconds(1), 0);
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while ((await Find(id)).ShouldNotBeNull().LeaseLeft > TimeSpan.Zero)
            (DateTime.UtcNow < deadline).ShouldBeTrue($"the lease of {id} should have run out");
    }
}
