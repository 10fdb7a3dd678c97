using System.Text;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

public sealed class ExecutorExitTests
{
    [Fact]
    public void An_exit_code_is_told_with_the_last_five_lines()
    {
        var exit = ExecutorExit.Of(7, null, "1\n2\n3\n4\n5\n6\n");
        exit.Kind.ShouldBe(ExecutorExitKind.Exited);
        exit.Description.ShouldBe("exit code 7: 2 | 3 | 4 | 5 | 6");
    }

    [Fact]
    public void A_crash_just_before_our_kill_is_told_as_the_crash()
    {
        var kill = new KillOrder(ExecutorExitKind.Killed, "killed by the worker: time limit");
        ExecutorExit.Of(139, kill, "").Description.ShouldBe(
            "killed by signal 11 (SIGSEGV): a kernel wrote or read out of bounds, most likely");
        ExecutorExit.Of(137, kill, "").Description.ShouldBe("killed by the worker: time limit");
    }

    [Fact]
    public void Memory_that_was_refused_is_told_as_such_however_the_process_ended()
    {
        const string Output = "terminate called after throwing an instance of 'std::bad_alloc'\n";
        var exit = ExecutorExit.Of(134, null, Output);
        exit.Kind.ShouldBe(ExecutorExitKind.MemoryExceeded);
        exit.Description.ShouldStartWith("memory of the process over its limit: it was refused more: terminate called");
        ExecutorExit.Of(0, null, Output).Kind.ShouldBe(ExecutorExitKind.Exited);
    }

    [Fact]
    public void What_an_executor_said_before_it_left_is_told()
    {
        ExecutorExit.Of(76, null, "", "Finish #2: 3 bytes are too few").Description.ShouldBe(
            "exit code 76: Finish #2: 3 bytes are too few");
    }

    [Fact]
    public void Only_the_end_of_long_output_is_kept()
    {
        var tail = new OutputTail();
        var text = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"line {i}\n"));
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(777))
        {
            tail.Append(piece);
        }

        tail.Read().Length.ShouldBe(16 << 10);
        text.ShouldEndWith(tail.Read());
    }
}
