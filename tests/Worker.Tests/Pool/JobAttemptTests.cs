using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

public sealed class JobAttemptTests
{
    private const string Spin =
        "kernel void k(global int* out) { volatile global int* p = out; while (p[0] == 0) { p[1]++; } out[2] = 1; }";

    private const string Wild = "kernel void k(global int* out) { out[1ul << 40] = 1; }";

    [Fact]
    public async Task A_job_completes_with_its_output_and_reports_its_progress()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var observer = new AttemptFixture.Observer();
        var outcome = await fixture.RunAsync(
            Document("kernel void k(global int* out) { int i = get_global_id(0); out[i] = i * i; }"), observer);
        outcome.Result.ShouldBe(AttemptResult.Completed, outcome.Error?.Message);
        var output = outcome.Outputs.Single();
        MemoryMarshal.Cast<byte, int>(output.Inline).ToArray().ShouldBe([0, 1, 4, 9]);
        output.Output.Size.ShouldBe(16);
        output.Output.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(output.Inline!)));
        observer.StartedTask.IsCompleted.ShouldBeTrue();
        observer.LastProgress.ShouldBe((2, 2));
        outcome.RunTime.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_large_output_is_in_the_blob_store_when_the_outcome_is_there()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var outcome = await fixture.RunAsync(
            Document("kernel void k(global int* out) { int i = get_global_id(0); out[i] = i; }", items: 100_000));
        outcome.Result.ShouldBe(AttemptResult.Completed, outcome.Error?.Message);
        var output = outcome.Outputs.Single();
        output.Inline.ShouldBeNull();
        var stored = fixture.BlobServer.Blobs[output.Output.Sha256];
        stored.Length.ShouldBe(400_000);
        Convert.ToHexStringLower(SHA256.HashData(stored)).ShouldBe(output.Output.Sha256);
    }

    [Fact]
    public async Task Large_outputs_of_jobs_that_run_side_by_side_are_each_ones_own_and_leave_no_files()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var factors = Enumerable.Range(1, 6).ToArray();
        var outcomes = await Task.WhenAll(factors.Select(factor => fixture.RunAsync(Document(
            $"kernel void k(global int* out) {{ int i = get_global_id(0); out[i] = {factor} * i; }}", items: 1_000_000))));
        for (var i = 0; i < factors.Length; i++)
        {
            outcomes[i].Result.ShouldBe(AttemptResult.Completed, outcomes[i].Error?.Message);
            var stored = fixture.BlobServer.Blobs[outcomes[i].Outputs.Single().Output.Sha256];
            MemoryMarshal.Cast<byte, int>(stored).ToArray()
                .SequenceEqual(Enumerable.Range(0, 1_000_000).Select(n => factors[i] * n)).ShouldBeTrue();
        }

        Directory.EnumerateFileSystemEntries(fixture.OutputFolder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_over_its_time_limit_fails_and_its_executor_is_gone()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var outcome = await fixture.RunAsync(Document(Spin), timeLimit: TimeSpan.FromSeconds(3));
        outcome.Result.ShouldBe(AttemptResult.Failed);
        outcome.Error!.Kind.ShouldBe("timeLimit");
        outcome.Error.Message.ShouldContain("3 s");
        await Deadlines.Until(() => fixture.Pool.ProcessIds.Count == 0, "its executor is gone");
    }

    [Fact]
    public async Task A_stopped_job_ends_and_its_executor_is_gone()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var observer = new AttemptFixture.Observer();
        using var stop = new CancellationTokenSource();
        var run = fixture.RunAsync(Document(Spin), observer, stop: stop.Token);
        await observer.StartedTask;
        var processId = fixture.Pool.ProcessIds.Single();
        await stop.CancelAsync();
        (await run).Result.ShouldBe(AttemptResult.Stopped);
        Deadlines.IsListed(processId).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_that_crashes_its_executor_fails_with_the_signal()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var outcome = await fixture.RunAsync(Document(Wild));
        outcome.Result.ShouldBe(AttemptResult.Failed);
        outcome.Error!.Kind.ShouldBe("executorCrashed");
        outcome.Error.Message.ShouldContain("SIGSEGV");
    }

    [Fact]
    public async Task A_job_whose_executor_is_killed_from_outside_may_be_tried_again()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var observer = new AttemptFixture.Observer();
        var run = fixture.RunAsync(Document(Spin), observer);
        await observer.StartedTask;
        using (var process = Process.GetProcessById(fixture.Pool.ProcessIds.Single()))
        {
            process.Kill();
        }

        var outcome = await run;
        outcome.Result.ShouldBe(AttemptResult.Refused);
        outcome.Error!.Message.ShouldContain("SIGKILL");
    }

    [Fact]
    public async Task An_input_that_the_scheduler_does_not_have_fails_the_job()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var hash = new string('a', 64);
        var outcome = await fixture.RunAsync(DocumentWithBlob(hash));
        outcome.Result.ShouldBe(AttemptResult.Failed);
        outcome.Error!.Kind.ShouldBe("inputMissing");
        outcome.Error.Message.ShouldContain(hash);
    }

    [Fact]
    public async Task An_input_blob_reaches_the_kernel()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var content = MemoryMarshal.AsBytes<int>([5, 6, 7, 8]).ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        fixture.BlobServer.Blobs[hash] = content;
        var outcome = await fixture.RunAsync(DocumentWithBlob(hash));
        outcome.Result.ShouldBe(AttemptResult.Completed, outcome.Error?.Message);
        MemoryMarshal.Cast<byte, int>(outcome.Outputs.Single().Inline).ToArray().ShouldBe([6, 7, 8, 9]);
    }

    [Fact]
    public async Task Without_an_executor_the_attempt_is_refused_with_the_reason()
    {
        await using var fixture = await AttemptFixture.CreateAsync(
            command: PoolFixture.Script("echo 'no such device' >&2; exit 4"));
        var outcome = await fixture.RunAsync(Document(Spin));
        outcome.Result.ShouldBe(AttemptResult.Refused);
        outcome.Error!.Kind.ShouldBe("noExecutor");
        outcome.Error.Message.ShouldContain("no such device");
    }

    [Fact]
    public async Task A_program_that_does_not_build_fails_the_job_with_the_compilers_log()
    {
        await using var fixture = await AttemptFixture.CreateAsync();
        var outcome = await fixture.RunAsync(Document("kernel void k(global int* out) { out[0] = nowhere; }"));
        outcome.Result.ShouldBe(AttemptResult.Failed);
        outcome.Error!.Kind.ShouldBe("build");
        outcome.Error.Log.ShouldNotBeNull().ShouldContain("nowhere");
    }

    private static string Document(string source, int items = 4) => $$"""
        {
          "id": "job", "gpu": { "memory": "64MiB" }, "constants": { "n": {{items}} },
          "programs": { "main": { "source": "{{source}}" } },
          "buffers": { "out": { "size": "n * sizeof(int)" } },
          "steps": [
            { "launch": { "kernel": "k", "global": "n", "args": ["out"] } },
            { "read": { "from": "out", "output": "out" } }
          ],
          "outputs": { "out": { "element": "int" } }
        }
        """;

    private static string DocumentWithBlob(string sha256) => $$"""
        {
          "id": "job", "gpu": { "memory": "64MiB" },
          "programs": { "main": { "source": "kernel void k(global int* out) { out[get_global_id(0)]++; }" } },
          "inputs": { "in": { "blob": "{{sha256}}" } },
          "buffers": { "out": { "from": "in" } },
          "steps": [
            { "launch": { "kernel": "k", "global": 4, "args": ["out"] } },
            { "read": { "from": "out", "output": "out" } }
          ],
          "outputs": { "out": {} }
        }
        """;
}
