using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

public sealed class PoolBoundTests
{
    [Fact]
    public async Task Callers_beyond_the_bound_wait_and_are_served_in_order()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxTotal = 1 });
        var running = await fixture.AcquireAsync("acme");
        var second = fixture.AcquireAsync("zenith");
        var third = fixture.AcquireAsync("acme");
        fixture.Pool.ProcessIds.Count.ShouldBe(1);
        second.IsCompleted.ShouldBeFalse();

        // Though the executor is acme's, and acme waits too, zenith came first.
        await running.ReleaseAsync();
        var served = await second;
        third.IsCompleted.ShouldBeFalse();
        Deadlines.IsListed(running.ProcessId).ShouldBeFalse();
        await served.ReleaseAsync();
        await (await third).ReleaseAsync();
    }

    [Fact]
    public async Task An_idle_executor_of_another_tenant_makes_room()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxTotal = 2 });
        var busy = await fixture.AcquireAsync("acme");
        var idle = await fixture.AcquireAsync("zenith");
        await idle.ReleaseAsync();
        await using var session = await fixture.AcquireAsync("borealis");
        (await idle.Exited).Kind.ShouldBe(ExecutorExitKind.Killed);
        Deadlines.IsAlive(busy.ProcessId).ShouldBeTrue();
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_its_place_to_the_next()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxTotal = 1 });
        var running = await fixture.AcquireAsync("acme");
        using var giveUp = new CancellationTokenSource();
        var second = fixture.Pool.AcquireAsync(
            PoolFixture.Request("zenith"), new PoolFixture.Listener(), giveUp.Token);
        var third = fixture.AcquireAsync("acme");
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        await running.ReleaseAsync();
        (await third).ProcessId.ShouldBe(running.ProcessId);
    }

    [Fact]
    public async Task A_killed_session_makes_room_for_who_waits()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxTotal = 1 });
        var running = await fixture.AcquireAsync("acme");
        var waiting = fixture.AcquireAsync("zenith");
        await running.KillAsync("a test");
        await using var session = await waiting;
        session.ProcessId.ShouldNotBe(running.ProcessId);
    }

    [Fact]
    public async Task Who_waits_while_the_pool_ends_is_told()
    {
        var fixture = PoolFixture.Create(s => s with { MaxTotal = 1 });
        await fixture.AcquireAsync("acme");
        var waiting = fixture.AcquireAsync("zenith");
        await fixture.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting);
        await Should.ThrowAsync<ObjectDisposedException>(() => fixture.AcquireAsync("acme"));
    }
}
