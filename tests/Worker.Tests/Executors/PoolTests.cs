using System.Diagnostics;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class PoolTests
{
    [Fact]
    public async Task A_tenant_gets_its_own_idle_executor_before_a_fresh_one()
    {
        await using ExecutorPool pool = ExecutorFixture.NewPool(s => s with { PrestartPerDevice = 1 });
        TestSession first = await ExecutorFixture.OpenAsync(pool, "a");
        await first.DisposeAsync();
        await Tests.Pool.Deadlines.Until(() => pool.ReadyCount == 1, "a fresh executor is ready");

        await using TestSession second = await ExecutorFixture.OpenAsync(pool, "a");

        second.Session.ProcessId.ShouldBe(first.Session.ProcessId);
    }

    [Fact]
    public async Task An_executor_that_dies_while_it_is_idle_is_given_to_nobody()
    {
        await using ExecutorPool pool = ExecutorFixture.NewPool();
        TestSession first = await ExecutorFixture.OpenAsync(pool, "a");
        await first.DisposeAsync();
        using (Process process = Process.GetProcessById(first.Session.ProcessId))
            process.Kill();

        await using TestSession second = await ExecutorFixture.OpenAsync(pool, "a");

        second.Session.ProcessId.ShouldNotBe(first.Session.ProcessId);
    }
}
