using System.Diagnostics;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

public sealed class ExecutorEndTests
{
    [Fact]
    public async Task A_process_killed_from_outside_is_reported_as_SIGKILL()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        using (var process = Process.GetProcessById(session.ProcessId))
        {
            process.Kill();
        }

        var exit = await session.Exited.WithDeadline("the process's end");
        exit.Kind.ShouldBe(ExecutorExitKind.Crashed);
        exit.Signal.ShouldBe(9);
        exit.Description.ShouldContain("SIGKILL");
        var failure = await Should.ThrowAsync<CommandException>(() => session.Connection.RequestAsync(new Fence()));
        failure.Code.ShouldBe(OpenClErrors.ExecutorLost);
    }

    [Fact]
    public async Task A_kernel_that_writes_out_of_bounds_ends_its_executor_only()
    {
        await using var fixture = PoolFixture.Create();
        await using var other = await fixture.AcquireAsync("acme");
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Wild, 4);
        var exit = await session.Exited.WithDeadline("the crash");
        exit.Kind.ShouldBe(ExecutorExitKind.Crashed);
        exit.Signal.ShouldBe(11, exit.Description);
        exit.Description.ShouldStartWith("killed by signal 11 (SIGSEGV)");
        await KernelRun.LaunchAsync(other.Connection, KernelRun.Square, 4);
        (await KernelRun.ReadAsync(other.Connection, 4)).ShouldBe([0u, 1u, 4u, 9u]);
    }

    [Fact]
    public async Task A_spinning_kernel_is_killed_with_its_process_and_the_reason_is_told()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Spin, 4);
        var exit = await session.KillAsync("time limit of 1 s").WithDeadline("the end of the kernel");
        exit!.Kind.ShouldBe(ExecutorExitKind.Killed);
        exit.Description.ShouldBe("killed by the worker: time limit of 1 s");
        Deadlines.IsListed(session.ProcessId).ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_whose_kernel_spins_is_killed_when_it_is_released()
    {
        await using var fixture = PoolFixture.Create(s => s with { ResetTimeout = TimeSpan.FromMilliseconds(200) });
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Spin, 4);
        await session.ReleaseAsync();
        (await session.Exited).Description.ShouldContain("could not be reset");
        Deadlines.IsListed(session.ProcessId).ShouldBeFalse();
    }

    [Fact]
    public async Task A_process_over_its_memory_limit_is_killed_and_the_reason_is_told()
    {
        await using var fixture = PoolFixture.Create(s => s with { OverheadMemoryBytes = 1 << 20 });
        await using var session = await fixture.AcquireAsync("acme", memoryBytes: 1 << 20);
        var exit = await session.Exited.WithDeadline("the kill");
        exit.Kind.ShouldBe(ExecutorExitKind.MemoryExceeded);
        exit.Description.ShouldStartWith("memory of the process over its limit");
    }

    [Fact]
    public async Task Disposing_the_pool_leaves_no_process_and_no_socket()
    {
        var fixture = PoolFixture.Create(s => s with { PrestartPerDevice = 1 });
        var busy = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(busy.Connection, KernelRun.Spin, 4);
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "one executor is ready");
        var ids = fixture.Pool.ProcessIds;
        ids.Count.ShouldBe(2);
        await fixture.DisposeAsync();
        ids.ShouldAllBe(id => !Deadlines.IsListed(id));
        Directory.Exists(fixture.Folder).ShouldBeFalse();
        (await busy.Exited).Description.ShouldContain("it is stopping");
    }

    [Fact]
    public async Task An_executor_whose_connection_ends_exits_by_itself()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Spin, 4);
        await session.Connection.DisposeAsync();
        var exit = await session.Exited.WithDeadline("the process's end");
        exit.Kind.ShouldBe(ExecutorExitKind.Exited, exit.Description);
    }

    [Fact]
    public async Task An_executor_with_a_spinning_kernel_ends_itself_when_the_lease_is_not_renewed()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("acme");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Spin, 4);
        fixture.Pool.EndSessionsAt(Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency));
        session.Exited.IsCompleted.ShouldBeFalse();
        fixture.Pool.EndSessionsAt(Stopwatch.GetTimestamp());
        var exit = await session.Exited.WithDeadline("the process's end");
        exit.Kind.ShouldBe(ExecutorExitKind.Exited, exit.Description);
        exit.Code.ShouldBe(78);
    }

    [Fact]
    public async Task An_executor_without_a_session_outlives_the_lease_and_serves_again_when_there_is_one()
    {
        await using var fixture = PoolFixture.Create();
        var first = await fixture.AcquireAsync("acme");
        await first.ReleaseAsync();
        fixture.Pool.EndSessionsAt(Stopwatch.GetTimestamp());
        Deadlines.IsListed(first.ProcessId).ShouldBeTrue();
        fixture.Pool.EndSessionsAt(Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency));
        await using var second = await fixture.AcquireAsync("acme");
        second.ProcessId.ShouldBe(first.ProcessId);
        await KernelRun.LaunchAsync(second.Connection, KernelRun.Square, 4);
        (await KernelRun.ReadAsync(second.Connection, 4)).ShouldBe([0u, 1u, 4u, 9u]);
    }
}
