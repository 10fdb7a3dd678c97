using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>What operators do to scheduler nodes while jobs are queued and run.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task A_node_that_is_told_to_leave_hands_over_and_its_process_ends()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings { Schedulers = 2 });
        using var client = cluster.Client();
        using var patience = Patience.ForTest();
        await Patience.UntilAsync("both nodes are up", async () =>
            (await UpAsync(client, patience.Token)).Count == 2);
        await LostProcessTests.SubmitAllAsync(client, patience.Token);
        await LostProcessTests.UntilSomeHaveEndedAsync(client, patience.Token);
        var leaving = cluster.Schedulers["scheduler1"];

        await client.Operations.LeaveAsync($"127.0.0.1:{leaving.RemotingPort}", patience.Token);

        await Patience.UntilAsync("the process ends", () => leaving.Process.HasExited);
        leaving.Process.ExitCode.ShouldBe(0, leaving.Process.LogEnd());
        (await UpAsync(client, patience.Token)).ShouldHaveSingleItem().HttpAddress
            .ShouldBe(cluster.Schedulers["scheduler2"].HttpAddress.ToString().TrimEnd('/'));
        await LostProcessTests.ExpectOneResultEachAsync(cluster, client, patience.Token);
    }

    private static async Task<IReadOnlyList<ClusterMember>> UpAsync(
        Client.GpuActorsClient client, CancellationToken cancellationToken) =>
        [.. (await client.Operations.ListMembersAsync(cancellationToken)).Where(member => member.State == MemberState.Up)];
}
