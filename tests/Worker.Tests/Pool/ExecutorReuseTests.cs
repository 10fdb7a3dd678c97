using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Pool;

public sealed class ExecutorReuseTests
{
    [Fact]
    public async Task A_session_runs_a_kernel_on_an_executor()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Square, 1000);
        (await KernelRun.ReadAsync(session.Connection, 1000)).ShouldBe(Enumerable.Range(0, 1000).Select(i => (uint)(i * i)));
        await session.ReleaseAsync();
    }

    [Fact]
    public async Task A_tenants_next_session_gets_the_same_process_and_finds_nothing_of_the_last()
    {
        await using var fixture = PoolFixture.Create();
        var first = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(first.Connection, KernelRun.Square, 1000);
        await KernelRun.ReadAsync(first.Connection, 1000);
        await first.ReleaseAsync();

        await using var second = await fixture.AcquireAsync("acme");
        second.ProcessId.ShouldBe(first.ProcessId);
        (await KernelRun.ReadFreshBufferAsync(second.Connection, 1000)).ShouldAllBe(value => value == 0);
    }

    [Fact]
    public async Task No_tenant_gets_an_executor_that_served_another()
    {
        await using var fixture = PoolFixture.Create();
        var seen = new Dictionary<int, string>();
        for (var round = 0; round < 6; round++)
        {
            var tenant = round % 2 == 0 ? "acme" : "zenith";
            var session = await fixture.AcquireAsync(tenant);
            seen.TryAdd(session.ProcessId, tenant);
            seen[session.ProcessId].ShouldBe(tenant);
            await session.ReleaseAsync();
        }

        seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_executor_itself_refuses_a_second_tenant()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        await session.Connection.RequestAsync(new Reset());
        var open = new OpenSession("zenith/job", "zenith", 1, 1 << 20, 0, "");
        var refusal = await Should.ThrowAsync<CommandException>(
            () => session.Connection.RequestAsync(open).WithDeadline("a refusal"));
        refusal.Code.ShouldBe(OpenClErrors.SessionRefused);
    }

    [Fact]
    public async Task An_executor_that_has_served_its_number_of_sessions_is_replaced()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxSessionsPerExecutor = 2 });
        var ids = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            var session = await fixture.AcquireAsync("acme");
            ids.Add(session.ProcessId);
            await session.ReleaseAsync();
        }

        ids[1].ShouldBe(ids[0]);
        ids[2].ShouldNotBe(ids[0]);
        Deadlines.IsListed(ids[0]).ShouldBeFalse();
    }

    [Fact]
    public async Task Executors_are_started_ahead_and_replaced_when_taken()
    {
        await using var fixture = PoolFixture.Create(s => s with { PrestartPerDevice = 2 });
        fixture.Pool.Start();
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 2, "two executors are ready");
        var ahead = fixture.Pool.ProcessIds;
        await using var session = await fixture.AcquireAsync("acme");
        ahead.ShouldContain(session.ProcessId);
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 2, "another one is ready in the place of the taken one");
    }

    [Fact]
    public async Task An_executor_that_its_tenant_leaves_unused_ends()
    {
        await using var fixture = PoolFixture.Create(s => s with { IdleTimeout = TimeSpan.FromMilliseconds(50) });
        var session = await fixture.AcquireAsync("acme");
        await session.ReleaseAsync();
        await Deadlines.Until(() => !Deadlines.IsListed(session.ProcessId), "the idle executor is gone");
    }
}
