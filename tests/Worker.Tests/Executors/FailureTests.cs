using System.Diagnostics;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class FailureTests(ExecutorFixture fixture)
{
    private const string Wild = "kernel void wild(global int* a) { for (long i = 0; ; i += 4096) a[i] = 1; }";
    private const string Spin = "kernel void spin(global volatile int* a) { while (a[0] == 0) { } }";
    private const string Add = "kernel void add(global int* a, int n) { a[get_global_id(0)] += n; }";

    [Fact]
    public async Task A_kernel_that_crashes_ends_its_session_with_the_reason_and_no_other()
    {
        await using TestSession other = await fixture.OpenAsync("other");
        await using TestSession session = await fixture.OpenAsync("crasher");
        ulong good = await other.KernelAsync(Add, "add");
        ulong kept = await other.BufferOfAsync(1);
        ulong kernel = await session.KernelAsync(Wild, "wild");
        ulong buffer = await session.BufferAsync(4096);

        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));
        ExecutorLostException lost = await Should.ThrowAsync<ExecutorLostException>(session.FenceAsync());

        lost.Exit.End.ShouldBe(ExecutorEnd.Crashed);
        lost.Message.ShouldBe("killed by SIGSEGV (a kernel accessed memory out of bounds?)");
        (await session.Session.Exited.WaitAsync(TestSession.Deadline)).ExitCode.ShouldBe(128 + 11);
        await other.LaunchAsync(good, 1, KernelArgument.Memory(kept), KernelArgument.Value(41));
        (await other.ReadAsync<int>(kept, 1)).ShouldBe([42]);
    }

    [Fact]
    public async Task A_kernel_that_never_ends_is_killed_and_the_reason_is_the_callers()
    {
        await using TestSession session = await fixture.OpenAsync("spinner");
        ulong kernel = await session.KernelAsync(Spin, "spin");
        ulong buffer = await session.BufferAsync(4096);
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));
        Task waiting = session.FenceAsync();
        await session.AskAsync(new Query(QueryKind.Session, 0)); // the executor still answers while the kernel spins

        session.Session.Kill("killed by us: time limit of 1 s");

        (await Should.ThrowAsync<ExecutorLostException>(waiting)).Message.ShouldBe("killed by us: time limit of 1 s");
        (await session.Session.Exited.WaitAsync(TestSession.Deadline)).End.ShouldBe(ExecutorEnd.Killed);
        Should.Throw<ArgumentException>(() => Process.GetProcessById(session.Session.ProcessId)); // and reaped
    }

    [Fact]
    public async Task A_session_that_cannot_be_ended_in_time_costs_its_process()
    {
        await using var pool = new ExecutorPool(
            new ExecutorPoolOptions
            {
                RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, ResetTimeout = TimeSpan.FromSeconds(1),
            },
            TimeProvider.System);
        TestSession session = await OpenAsync(pool, "stuck");
        ulong kernel = await session.KernelAsync(Spin, "spin");
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(await session.BufferAsync(4096)));

        await session.DisposeAsync();

        pool.Statistics.Processes.ShouldBe(0);
        (await session.Session.Exited).End.ShouldBe(ExecutorEnd.Killed);
    }

    [Fact]
    public async Task A_process_that_uses_more_than_slice_and_overhead_is_killed_and_says_so()
    {
        await using var pool = new ExecutorPool(
            new ExecutorPoolOptions
            {
                // So little overhead that the first compilation breaks it.
                RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 0, OverheadBytes = 32 << 20,
                WatchInterval = TimeSpan.FromMilliseconds(20),
            },
            TimeProvider.System);

        ExecutorExit exit = await UntilKilledAsync(pool);

        exit.End.ShouldBe(ExecutorEnd.MemoryLimit);
        exit.Reason.ShouldStartWith("memory limit of the process: ");
    }

    [Fact]
    public async Task An_executor_ends_with_its_worker()
    {
        string folder = ExecutorFixture.NewRunFolder();
        Directory.CreateDirectory(folder);
        using Process worker = StandInWorker.Start(Path.Combine(folder, "s"));
        int executor = int.Parse((await worker.StandardOutput.ReadLineAsync().WaitAsync(TestSession.Deadline))!);
        using Process child = Process.GetProcessById(executor);

        worker.Kill(); // SIGKILL: the worker can do nothing more

        await child.WaitForExitAsync().WaitAsync(TestSession.Deadline);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_executor_protects_itself_before_it_serves()
    {
        await using TestSession session = await fixture.OpenAsync("limits", 32 << 20);
        int process = session.Session.ProcessId;
        string status = await File.ReadAllTextAsync($"/proc/{process}/status");
        string limits = await File.ReadAllTextAsync($"/proc/{process}/limits");

        status.ShouldContain("NoNewPrivs:\t1");
        (await File.ReadAllTextAsync($"/proc/{process}/oom_score_adj")).Trim().ShouldBe("1000");
        limits.ShouldMatch(@"Max core file size\s+0\s");
        ulong data = ulong.Parse(
            limits.Split('\n').Single(line => line.StartsWith("Max data size")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
        data.ShouldBeInRange(1UL << 30, 3UL << 30); // what it had, its slice, and 1 GiB
    }

    [Fact]
    public async Task A_wrong_device_is_an_error_that_says_what_there_is()
    {
        await using var pool = new ExecutorPool(
            new ExecutorPoolOptions { RunFolder = ExecutorFixture.NewRunFolder(), ReadyPerDevice = 1 },
            TimeProvider.System);

        var exception = await Should.ThrowAsync<ExecutorUnavailableException>(pool.StartAsync(["5/0"]));

        exception.Message.ShouldContain("no OpenCL device '5/0'");
        exception.Message.ShouldContain("0/0 (");
    }

    private static async Task<ExecutorExit> UntilKilledAsync(ExecutorPool pool)
    {
        var request = new SessionRequest("hungry/1", "hungry", 1, new ExecutorLimits(1 << 20));
        ExecutorSession session = await pool.AcquireAsync(ExecutorFixture.Device, request, new Heard());
        await using var test = new TestSession(session, new Heard());
        try
        {
            await test.StartAsync();
            for (var i = 0; ; i++)
            {
                ulong program = await test.ProgramAsync($"kernel void f{i}(global int* a) {{ a[0] = {i}; }}");
                await test.AskAsync(new BuildProgram(program));
            }
        }
        catch (ExecutorLostException lost)
        {
            return lost.Exit;
        }
    }

    private static async Task<TestSession> OpenAsync(ExecutorPool pool, string tenant)
    {
        var request = new SessionRequest($"{tenant}/1", tenant, 1, new ExecutorLimits(1 << 20));
        var heard = new Heard();
        var session = new TestSession(await pool.AcquireAsync(ExecutorFixture.Device, request, heard), heard);
        await session.StartAsync();
        return session;
    }
}
