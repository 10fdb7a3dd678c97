using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

public sealed class VisibleDeviceTests
{
    private const string Part = "MIG-00000000-0000-5000-8000-000001000000";

    [Fact]
    public async Task A_session_on_a_part_gets_a_process_of_its_own_that_sees_that_part_and_ends_with_it()
    {
        await using var fixture = PoolFixture.Create(s => s with { PrestartPerDevice = 1 });
        fixture.Pool.Start();
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "an executor is ready");
        var ahead = fixture.Pool.ProcessIds;

        var session = await AcquireAsync(fixture, Part);

        ahead.ShouldNotContain(session.ProcessId);
        EnvironmentOf(session.ProcessId).ShouldContain($"CUDA_VISIBLE_DEVICES={Part}");
        EnvironmentOf(ahead[0]).ShouldNotContain($"CUDA_VISIBLE_DEVICES={Part}");
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Square, 100);
        (await KernelRun.ReadAsync(session.Connection, 100))[9].ShouldBe(81u);
        await session.ReleaseAsync();
        Deadlines.IsListed(session.ProcessId).ShouldBeFalse("the part can be taken away now");
    }

    [Fact]
    public async Task Neither_a_session_on_the_device_nor_one_on_the_same_part_gets_the_process_of_a_part()
    {
        await using var fixture = PoolFixture.Create();
        var first = await AcquireAsync(fixture, Part);
        await first.ReleaseAsync();

        await using var second = await AcquireAsync(fixture, Part);
        await using var whole = await fixture.AcquireAsync("acme");

        new[] { first.ProcessId, second.ProcessId, whole.ProcessId }.ShouldBeUnique();
        EnvironmentOf(second.ProcessId).ShouldContain($"CUDA_VISIBLE_DEVICES={Part}");
    }

    [Fact]
    public async Task A_part_that_no_process_can_open_is_told_at_once_and_closes_its_device_to_nobody()
    {
        var command = PoolFixture.RealExecutor;
        var real = $"{command.FileName} {string.Join(' ', command.Arguments)}";
        var script = $"test -z \"$CUDA_VISIBLE_DEVICES\" && exec {real} \"$@\"; echo no such part >&2; exit 7";
        await using var fixture = PoolFixture.Create(command: new ExecutorCommand("/bin/sh", ["-c", script, "sh"]));
        for (var i = 0; i < 4; i++)
        {
            (await Should.ThrowAsync<ExecutorUnavailableException>(() => AcquireAsync(fixture, Part)))
                .Message.ShouldContain("no such part");
        }

        await using var whole = await fixture.AcquireAsync("acme");
    }

    [Fact]
    public async Task A_part_that_is_given_up_while_its_process_starts_is_open_nowhere_afterwards()
    {
        await using var fixture = PoolFixture.Create();
        using var stop = new CancellationTokenSource();
        var waits = AcquireAsync(fixture, Part, stop.Token);
        await Deadlines.Until(() => fixture.Pool.ReadUse().Starting == 1, "its process starts");
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waits.WithDeadline("giving up"));

        var use = fixture.Pool.ReadUse();
        (use.Ready + use.Kept + use.Busy + use.Starting + use.Ending).ShouldBe(0);
    }

    [Fact]
    public async Task A_vacated_device_has_no_executor_until_a_session_wants_all_of_it()
    {
        await using var fixture = PoolFixture.Create(s => s with { PrestartPerDevice = 1 });
        fixture.Pool.Start();
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "an executor is ready");
        var ahead = fixture.Pool.ProcessIds[0];

        await fixture.Pool.VacateAsync(PoolFixture.Device, CancellationToken.None).WithDeadline("an empty device");

        Deadlines.IsListed(ahead).ShouldBeFalse();
        var part = await AcquireAsync(fixture, Part);
        fixture.Pool.ProcessIds.ShouldBe([part.ProcessId]);
        await part.ReleaseAsync();
        fixture.Pool.ReadUse().Starting.ShouldBe(0);

        await using var whole = await fixture.AcquireAsync("acme");
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "another one is ready again");
    }

    private static Task<ExecutorSession> AcquireAsync(
        PoolFixture fixture, string part, CancellationToken stop = default) =>
        fixture.Pool.AcquireAsync(
            PoolFixture.Request("acme") with { VisibleDevice = part }, new PoolFixture.Listener(), stop)
            .WithDeadline("an executor");

    private static string[] EnvironmentOf(int processId) => File.ReadAllText($"/proc/{processId}/environ").Split('\0');
}
