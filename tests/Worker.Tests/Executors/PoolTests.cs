using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class PoolTests
{
    [Fact]
    public async Task Fresh_executors_are_ready_before_they_are_asked_for_and_replaced_when_taken()
    {
        await using ExecutorPool pool = Pool(new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 1 });
        await pool.StartAsync([ExecutorFixture.Device]);
        pool.Statistics.Fresh.ShouldBe(1);

        await using ExecutorSession session = await AcquireAsync(pool, "a");

        pool.Statistics.Busy.ShouldBe(1);
        await UntilAsync(() => pool.Statistics.Fresh == 1, "a fresh executor in place of the one taken");
    }

    [Fact]
    public async Task A_tenant_gets_its_own_idle_executor_before_a_fresh_one()
    {
        await using ExecutorPool pool = Pool(new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 1 });
        ExecutorSession first = await AcquireAsync(pool, "a");
        await first.ReleaseAsync();
        (await first.Exited).End.ShouldBe(ExecutorEnd.Released);
        pool.Statistics.TenantIdle.ShouldBe(1);

        await using ExecutorSession second = await AcquireAsync(pool, "a");

        second.ProcessId.ShouldBe(first.ProcessId);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await first.SendAsync(new Flush(1)));
    }

    [Fact]
    public async Task When_all_places_are_taken_an_idle_executor_of_another_tenant_gives_way_and_busy_ones_are_waited_for()
    {
        await using ExecutorPool pool = Pool(
            new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, MaxProcesses = 1 });
        ExecutorSession a = await AcquireAsync(pool, "a");
        Task<ExecutorSession> b = AcquireAsync(pool, "b");
        b.IsCompleted.ShouldBeFalse();
        pool.Statistics.Processes.ShouldBe(1);

        await a.ReleaseAsync();
        await using ExecutorSession got = await b;

        got.ProcessId.ShouldNotBe(a.ProcessId);
        pool.Statistics.Processes.ShouldBe(1);
    }

    [Fact]
    public async Task Waiting_for_a_place_can_be_given_up()
    {
        await using ExecutorPool pool = Pool(
            new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, MaxProcesses = 1 });
        await using ExecutorSession a = await AcquireAsync(pool, "a");
        using var giveUp = new CancellationTokenSource();
        Task<ExecutorSession> b = pool.AcquireAsync(ExecutorFixture.Device, Request("b"), new Heard(), giveUp.Token);

        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(b.WaitAsync(TestSession.Deadline));
    }

    [Fact]
    public async Task A_process_is_replaced_after_its_share_of_sessions()
    {
        await using ExecutorPool pool = Pool(new()
        {
            RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, SessionsPerProcess = 2,
        });
        var processes = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            ExecutorSession session = await AcquireAsync(pool, "a");
            processes.Add(session.ProcessId);
            await session.ReleaseAsync();
        }

        processes[1].ShouldBe(processes[0]);
        processes[2].ShouldNotBe(processes[0]);
    }

    [Fact]
    public async Task Idle_executors_of_tenants_that_do_not_come_back_are_ended()
    {
        await using ExecutorPool pool = Pool(new()
        {
            RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, TenantIdleTime = TimeSpan.FromMilliseconds(1),
            WatchInterval = TimeSpan.FromMilliseconds(20),
        });
        await (await AcquireAsync(pool, "a")).ReleaseAsync();

        await UntilAsync(() => pool.Statistics.Processes == 0, "the end of the idle executor");
    }

    [Fact]
    public async Task An_executor_that_dies_while_it_is_idle_is_given_to_nobody()
    {
        await using ExecutorPool pool = Pool(new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0 });
        ExecutorSession first = await AcquireAsync(pool, "a");
        await first.ReleaseAsync();
        System.Diagnostics.Process.GetProcessById(first.ProcessId).Kill();

        await using ExecutorSession second = await AcquireAsync(pool, "a");

        second.ProcessId.ShouldNotBe(first.ProcessId);
    }

    [Fact]
    public async Task Disposing_the_pool_ends_every_process_and_every_session()
    {
        ExecutorPool pool = Pool(new() { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 1 });
        ExecutorSession session = await AcquireAsync(pool, "a");

        await pool.DisposeAsync().AsTask().WaitAsync(TestSession.Deadline);

        pool.Statistics.Processes.ShouldBe(0);
        (await session.Exited.WaitAsync(TestSession.Deadline)).Reason.ShouldBe("the worker stops");
        await Should.ThrowAsync<ObjectDisposedException>(AcquireAsync(pool, "a"));
    }

    [Fact]
    public void A_run_folder_too_long_for_a_socket_is_refused()
    {
        var options = new ExecutorPoolOptions { RunFolder = "/" + new string('x', 80) };

        Should.Throw<ArgumentException>(() => Pool(options)).Message.ShouldContain("at most 60");
    }

    private static ExecutorPool Pool(ExecutorPoolOptions options) => new(options, TimeProvider.System);

    private static SessionRequest Request(string tenant) => new($"{tenant}/1", tenant, 1, new ExecutorLimits(1 << 20));

    private static Task<ExecutorSession> AcquireAsync(ExecutorPool pool, string tenant) =>
        pool.AcquireAsync(ExecutorFixture.Device, Request(tenant), new Heard()).WaitAsync(TestSession.Deadline);

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TestSession.Deadline);
        while (!condition())
        {
            deadline.IsCancellationRequested.ShouldBeFalse($"waited for {what}");
            await Task.Delay(10);
        }
    }
}
