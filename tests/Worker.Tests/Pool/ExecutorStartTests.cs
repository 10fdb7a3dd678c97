using System.Net.Sockets;
using System.Runtime.Versioning;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

[SupportedOSPlatform("linux")]
public sealed class ExecutorStartTests
{
    [Fact]
    public async Task A_process_that_exits_at_once_is_reported_with_its_code_and_its_last_lines()
    {
        await using var fixture = PoolFixture.Create(
            command: PoolFixture.Script("echo 'no OpenCL platform 0' >&2; exit 3"));
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        failure.Message.ShouldContain("exit code 3");
        failure.Message.ShouldContain("no OpenCL platform 0");
    }

    [Fact]
    public async Task A_process_that_never_connects_is_killed_and_reported_with_its_last_lines()
    {
        await using var fixture = PoolFixture.Create(
            s => s with { StartTimeout = TimeSpan.FromMilliseconds(300) },
            PoolFixture.Script("echo 'waiting for a driver' >&2; echo $$ >> /dev/fd/2; exec sleep 600"));
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        failure.Message.ShouldContain("did not connect within 0.3 s");
        failure.Message.ShouldContain("waiting for a driver");
        var processId = int.Parse(failure.Message.Split('\n')[^1]);
        Deadlines.IsListed(processId).ShouldBeFalse();
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_reported()
    {
        await using var fixture = PoolFixture.Create(command: new ExecutorCommand("/nowhere/executor", []));
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        failure.Message.ShouldContain("/nowhere/executor");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(130)]
    [InlineData(200)]
    public async Task A_pause_that_ends_while_the_pool_looks_at_the_clock_is_not_overslept(int leapMs)
    {
        await using var fixture = PoolFixture.Create(
            command: new ExecutorCommand("/nowhere/executor", []),
            runtime: new LeapingRuntime(TimeSpan.FromMilliseconds(leapMs)));
        await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
    }

    [Fact]
    public async Task After_repeated_failures_callers_are_told_at_once_and_no_process_is_started()
    {
        var starts = Path.GetTempFileName();
        await using var fixture = PoolFixture.Create(
            command: PoolFixture.Script($"echo x >> {starts}; exit 1"));
        await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        var counted = (await File.ReadAllLinesAsync(starts)).Length;
        counted.ShouldBe(3);
        await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        (await File.ReadAllLinesAsync(starts)).Length.ShouldBe(counted);
        File.Delete(starts);
    }

    [Fact]
    public async Task A_device_that_the_pool_does_not_have_is_refused()
    {
        await using var fixture = PoolFixture.Create();
        var request = PoolFixture.Request("acme") with { Device = new DeviceAddress(7, 1) };
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(
            () => fixture.Pool.AcquireAsync(request, new PoolFixture.Listener(), CancellationToken.None));
        failure.Message.ShouldBe("Device 7/1 is unknown here; known are: 0/0.");
    }

    [Fact]
    public async Task A_socket_folder_that_is_too_long_is_reported_with_the_limit()
    {
        var folder = Path.Combine(Path.GetTempPath(), new string('x', 120));
        await using var fixture = PoolFixture.Create(s => s with { SocketFolder = folder });
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        failure.Message.ShouldContain("at most 107");
    }

    [Fact]
    public async Task The_pools_folder_is_open_to_its_owner_only()
    {
        await using var fixture = PoolFixture.Create();
        File.GetUnixFileMode(fixture.Folder).ShouldBe(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Another_process_that_connects_in_an_executors_place_is_turned_away()
    {
        var go = Path.Combine(Path.GetTempPath(), "gag-" + Path.GetRandomFileName());
        var real = PoolFixture.RealExecutor;
        var command = string.Join(' ', [real.FileName, .. real.Arguments]);
        await using var fixture = PoolFixture.Create(
            s => s with { StartTimeout = TimeSpan.FromHours(1) }, // that is not what ends the stranger's connection
            PoolFixture.Script($"while [ ! -e {go} ]; do sleep 0.05; done; exec {command} \"$0\" \"$@\""));
        var acquiring = fixture.AcquireAsync("acme");
        string[] Sockets() => Directory.GetFiles(fixture.Folder, "s", SearchOption.AllDirectories);
        await Deadlines.Until(() => Sockets().Length == 1, "the pool listens for its executor");
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await stranger.ConnectAsync(new UnixDomainSocketEndPoint(Sockets()[0]));

        (await stranger.ReceiveAsync(new byte[1]).WithDeadline("the end of the stranger's connection")).ShouldBe(0);
        await File.WriteAllTextAsync(go, "");
        await using var session = await acquiring;

        await KernelRun.LaunchAsync(session.Connection, KernelRun.Square, 2);
        (await KernelRun.ReadAsync(session.Connection, 2)).ShouldBe([0u, 1u]);
        File.Delete(go);
    }

    [Fact]
    public async Task The_workers_secrets_do_not_reach_an_executor()
    {
        Environment.SetEnvironmentVariable("POOL_TEST_SECRET", "hunter2");
        await using var fixture = PoolFixture.Create(command: PoolFixture.Script("env >&2; exit 1"));
        var failure = await Should.ThrowAsync<ExecutorUnavailableException>(() => fixture.AcquireAsync("acme"));
        failure.InnerException.ShouldNotBeNull();
        failure.Message.ShouldNotContain("POOL_TEST_SECRET");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void A_setting_out_of_range_is_refused_with_its_name(int total, int sessions)
    {
        var failure = Should.Throw<ArgumentException>(() => PoolFixture.Create(
            s => s with { MaxTotal = total, MaxSessionsPerExecutor = sessions }));
        failure.Message.ShouldContain(total == 0 ? "MaxTotal is 0" : "MaxSessionsPerExecutor is 0");
    }
}
