using System.Diagnostics;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;

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
        CommandException lost = await Should.ThrowAsync<CommandException>(session.FenceAsync());

        lost.Code.ShouldBe(OpenClErrors.ExecutorLost);
        ExecutorExit exit = await session.Session.Exited.WaitAsync(TestSession.Deadline);
        exit.Kind.ShouldBe(ExecutorExitKind.Crashed);
        exit.Description.ShouldStartWith("killed by signal 11 (SIGSEGV): a kernel wrote or read out of bounds");
        exit.Code.ShouldBe(128 + 11);
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

        ExecutorExit? exit = await session.Session.KillAsync("time limit of 1 s").WaitAsync(TestSession.Deadline);

        exit!.Kind.ShouldBe(ExecutorExitKind.Killed);
        exit.Description.ShouldBe("killed by the worker: time limit of 1 s");
        (await Should.ThrowAsync<CommandException>(waiting)).Code.ShouldBe(OpenClErrors.ExecutorLost);
        Should.Throw<ArgumentException>(() => Process.GetProcessById(session.Session.ProcessId)); // and reaped
    }

    [Fact]
    public async Task A_process_that_uses_more_than_slice_and_overhead_ends_and_says_so()
    {
        // So little overhead that a few compilations break it.
        await using ExecutorPool pool = ExecutorFixture.NewPool(s => s with
        {
            OverheadMemoryBytes = 32 << 20, MemoryCheckInterval = TimeSpan.FromMilliseconds(20),
        });

        ExecutorExit exit = await UntilLostAsync(pool);

        exit.Kind.ShouldBe(ExecutorExitKind.MemoryExceeded, exit.Description);
        exit.Description.ShouldStartWith("memory of the process over its limit: ");
    }

    [Fact]
    public async Task Memory_hunger_outside_of_buffers_is_refused_by_the_system_too()
    {
        await using TestSession session = await fixture.OpenAsync("limits", 32 << 20);
        string limits = await File.ReadAllTextAsync($"/proc/{session.Session.ProcessId}/limits");

        ulong data = ulong.Parse(
            limits.Split('\n').Single(line => line.StartsWith("Max data size"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);

        data.ShouldBeInRange(1UL << 30, 3UL << 30); // what it had, its slice, and the pool's 1 GiB
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
    }

    [Fact]
    public async Task A_wrong_device_is_an_error_that_says_what_there_is()
    {
        var wrong = new DeviceAddress(5, 0);
        await using ExecutorPool pool = ExecutorFixture.NewPool(null, wrong);

        var exception = await Should.ThrowAsync<ExecutorUnavailableException>(
            ExecutorFixture.OpenAsync(pool, "lost", wrong));

        exception.Message.ShouldContain("no OpenCL device '5/0'");
        exception.Message.ShouldContain("0/0 (");
    }

    private static async Task<ExecutorExit> UntilLostAsync(ExecutorPool pool)
    {
        ExecutorSession? opened = null;
        try
        {
            await using TestSession session = await ExecutorFixture.OpenAsync(pool, "hungry");
            opened = session.Session;
            for (var i = 0; ; i++)
            {
                ulong program = await session.ProgramAsync($"kernel void f{i}(global int* a) {{ a[0] = {i}; }}");
                await session.AskAsync(new BuildProgram(program));
            }
        }
        catch (CommandException lost) when (lost.Code == OpenClErrors.ExecutorLost)
        {
            return await opened!.Exited.WaitAsync(TestSession.Deadline);
        }
    }
}
