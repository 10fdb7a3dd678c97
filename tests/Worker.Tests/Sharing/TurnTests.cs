using GpuActors.Shared.Commands;
using GpuActors.Shared.Devices;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sharing;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>Real executors that take turns on a real device, which no other test uses meanwhile.</summary>
[Collection(Executors.ExecutorCollection.Name)]
public sealed class TurnTests
{
    private const int ShortKernel = 2_000;

    [Fact]
    public async Task Fixed_shares_of_50_and_25_percent_get_compute_2_to_1_while_a_third_is_idle()
    {
        await using var pool = PoolFixture.Create();
        await using var half = await Burner.OpenAsync(pool, "half", Fixed(50), ShortKernel);
        await using var quarter = await Burner.OpenAsync(pool, "quarter", Fixed(25), ShortKernel);
        await using var idle = await Burner.OpenAsync(pool, "idle", Fixed(25), ShortKernel);
        half.Start();
        quarter.Start();
        await quarter.UntilAsync(100);
        var (halfBefore, quarterBefore) = (half.Ended, quarter.Ended);
        await quarter.UntilAsync(quarterBefore + 300);
        ((half.Ended - halfBefore) / (double)(quarter.Ended - quarterBefore)).ShouldBe(2, 0.5);
    }

    [Fact]
    public async Task A_kernel_that_waits_for_its_client_keeps_nobody_from_the_device()
    {
        await using var pool = PoolFixture.Create();
        await using var waiting = await Burner.OpenAsync(pool, "waiting", Weighted(50), ShortKernel);
        await using var other = await Burner.OpenAsync(pool, "other", Weighted(50), ShortKernel);
        var stream = waiting.Session.Connection;
        await stream.SendAsync(new CreateUserEvent(100, 1));
        await stream.SendAsync(new LaunchKernel(
            new Enqueue(2, 0, new IdList(100)), 4, 1, new WorkSize(1),
            new ArgumentList([KernelArgument.Memory(5), KernelArgument.Value(1)])));
        var done = stream.RequestAsync(new Finish(2));
        await stream.FlushAsync();
        other.Start();
        await other.UntilAsync(200);
        done.IsCompleted.ShouldBeFalse();
        await stream.SendAsync(new SetUserEventStatus(100, 0));
        await stream.FlushAsync();
        await done.WithDeadline("the kernel that has waited");
    }

    [Fact]
    public async Task A_neighbour_that_is_killed_in_its_turn_leaves_the_device_to_the_others()
    {
        await using var pool = PoolFixture.Create();
        await using var victim = await Burner.OpenAsync(pool, "victim", Weighted(50), ShortKernel);
        await using var other = await Burner.OpenAsync(pool, "other", Weighted(50), ShortKernel);
        await using var spinning = await OpenAsync(pool, "spin");
        await KernelRun.LaunchAsync(spinning.Connection, KernelRun.Spin, 1);
        victim.Start();
        other.Start();
        await spinning.KillAsync("it spins");
        await other.UntilAsync(50);
        await victim.Session.KillAsync("the test wants it");
        await other.UntilAsync(other.Ended + 50);
    }

    [Fact]
    public async Task A_kernel_without_end_costs_its_own_session_once_others_have_waited_long_enough()
    {
        await using var pool = PoolFixture.Create(settings => settings with
        {
            TimeSlices = new Dictionary<DeviceAddress, TimeSliceSettings>
            {
                [PoolFixture.Device] = new() { OverrunMax = TimeSpan.FromMilliseconds(200) },
            },
        });
        await using var spinning = await OpenAsync(pool, "spin");
        await KernelRun.LaunchAsync(spinning.Connection, KernelRun.Spin, 1);
        await using var other = await Burner.OpenAsync(pool, "other", Weighted(50), ShortKernel);
        spinning.Exited.IsCompleted.ShouldBeFalse(); // alone, it may
        other.Start();
        var exit = await spinning.Exited.WithDeadline("the end of who spins");
        exit.Kind.ShouldBe(ExecutorExitKind.TurnExceeded);
        exit.Description.ShouldContain("overrun-max");
        await other.UntilAsync(50);
    }

    [Fact]
    public async Task Kernels_of_several_queues_that_wait_for_each_other_run_in_order_also_in_turns()
    {
        await using var pool = PoolFixture.Create();
        await using var neighbour = await Burner.OpenAsync(pool, "neighbour", Weighted(50), ShortKernel);
        await using var mine = await Burner.OpenAsync(pool, "mine", Weighted(50), ShortKernel);
        neighbour.Start();
        var stream = mine.Session.Connection;
        await stream.SendAsync(new CreateQueue(20, 1, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateQueue(21, 1, stream.Welcome.Devices[0].Id, QueueFlags.OutOfOrder));
        ulong[] queues = [2, 20, 21];
        var arguments = new ArgumentList([KernelArgument.Memory(5), KernelArgument.Value(ShortKernel)]);
        for (ulong i = 0; i < 300; i++)
        {
            var waits = i == 0 ? default : new IdList(1000 + i - 1);
            await stream.SendAsync(new LaunchKernel(
                new Enqueue(queues[i % 3], 1000 + i, waits), 4, 1, new WorkSize(4), arguments));
        }

        await stream.RequestAsync(new WaitEvents(new IdList(1299))).WithDeadline("a chain of kernels");
        var usage = pool.Pool.ReadAll().Single(u => u.Tenant == "mine");
        usage.Kernels.ShouldBe(300);
        usage.Busy.ShouldBeGreaterThan(TimeSpan.Zero);
        usage.Throttled.ShouldBeGreaterThan(TimeSpan.Zero);
        usage.MemoryBytes.ShouldBe(256);
    }

    private static Task<ExecutorSession> OpenAsync(PoolFixture pool, string tenant) => pool.Pool.AcquireAsync(
        PoolFixture.Request(tenant) with { Claim = Weighted(50) }, new PoolFixture.Listener(), CancellationToken.None)
        .WithDeadline("an executor");

    private static ShareClaim Fixed(int percent) => new(SharePolicy.FixedShare, 8, new SharePart(percent));

    private static ShareClaim Weighted(int percent) => new(SharePolicy.Weighted, 100, new SharePart(percent));
}
