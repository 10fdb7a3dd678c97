using System.Security.Cryptography;
using GpuActors.Shared.Jobs;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

public class JobRunTests(JobExecutor executor) : IClassFixture<JobExecutor>
{
    private const string Put = "kernel void put(global int* x, int v) { x[get_global_id(0)] = v; }";

    [Fact]
    public async Task A_large_blob_goes_through_the_device_into_a_file_with_its_hash()
    {
        var bytes = new byte[(5 << 20) + 12];
        new Random(4).NextBytes(bytes);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var job = new TestJob(Put).Input("large", new BlobInput(hash)).Buffer("x", bytes.Length)
            .Step(new WriteStep("x", "large")).Read("x").Build();

        using var outcome = await executor.RunAsync(
            job, blobs: (sha256, _) => Task.FromResult<Stream>(new MemoryStream(sha256 == hash ? bytes : [])));

        outcome.Numbers<byte>("x").AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        var output = outcome.Outputs.ShouldHaveSingleItem();
        output.Sha256.ShouldBe(hash);
        output.SizeBytes.ShouldBe(bytes.Length);
        File.Exists(output.File).ShouldBeTrue();
        outcome.Dispose();
        File.Exists(output.File).ShouldBeFalse();
    }

    [Fact]
    public async Task A_large_image_is_transferred_in_parts_that_fit_together()
    {
        const int Width = 700;
        const int Height = 900;
        var pixels = new byte[Width * Height * 4];
        new Random(5).NextBytes(pixels);
        var image = new JobImage { Element = ImageElement.Uint8, Width = Width, Height = Height };
        var job = new TestJob(Put).Input("pixels", InlineInput.FromBytes(pixels)).Image("i", image)
            .Step(new WriteStep("i", "pixels")).Read("i");

        using var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<byte>("i").AsSpan().SequenceEqual(pixels).ShouldBeTrue();
    }

    [Fact]
    public async Task Progress_never_goes_back_and_ends_with_all_steps()
    {
        var record = new RecordedJob();
        var launch = TestJob.Launched("put", [1], null, "x", JobArgument.Int("i"));
        var job = new TestJob(Put).Buffer("x", 4).Step(new RepeatStep(5000, [launch]) { Counter = "i" }).Read("x");

        var outcome = await executor.RunAsync(job.Build(), record);

        outcome.Numbers<int>("x").ShouldBe([4999]);
        record.Progress.Select(p => p.Done).ShouldBeInOrder();
        record.Progress.Length.ShouldBeGreaterThan(1);
        record.Progress[^1].ShouldBe((5001, 5001));
    }

    [Fact]
    public async Task What_kernels_print_is_the_jobs_log()
    {
        const string Source = """kernel void say(int v) { printf("value %d\n", v); }""";
        var record = new RecordedJob();
        var job = new TestJob(Source).Buffer("x", 4).Launch("say", [1], JobArgument.Int(7))
            .Launch("say", [1], JobArgument.Int(8)).Read("x");

        var outcome = await executor.RunAsync(job.Build(), record);

        outcome.Log.ShouldBe("value 7\nvalue 8\n");
        record.Log.ShouldBe(outcome.Log);
    }

    [Fact]
    public async Task A_log_keeps_its_beginning_and_says_how_much_is_missing()
    {
        const string Source = """kernel void say() { printf("%0100d\n", (int)get_global_id(0)); }""";
        var say = TestJob.Launched("say", [100], null);
        var job = new TestJob(Source).Buffer("x", 4).Step(new RepeatStep(10, [say])).Read("x");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Result.ShouldBe(JobResult.Completed);
        outcome.Log.Length.ShouldBeLessThan(66_000);
        outcome.Log.ShouldContain("bytes more were printed");
    }

    [Fact]
    public async Task A_job_can_take_the_devices_time()
    {
        var job = new TestJob(Put).Buffer("x", 4).Output("times", new JobOutput()).Step(
            new ClockStep("times"), TestJob.Launched("put", [1], null, "x", JobArgument.Int(1)), new ClockStep("times"))
            .Read("x");

        var times = (await executor.RunAsync(job.Build())).Numbers<ulong>("times");

        times.Length.ShouldBe(2);
        times[1].ShouldBeGreaterThan(times[0]);
    }

    [Fact]
    public async Task Buffers_that_repeats_make_are_given_back_each_round()
    {
        var body = new JobStep[]
        {
            new CreateStep("t", new JobBuffer { Size = "32MiB" }),
            TestJob.Launched("put", [4], null, "t", JobArgument.Int(1)),
        };
        var job = new TestJob(Put).Buffer("x", 4).Step(new RepeatStep(50, body)).Read("x");

        var outcome = await executor.RunAsync(job.Build(), memoryBytes: 128 << 20);

        outcome.Result.ShouldBe(JobResult.Completed, $"{outcome.Failure}");
    }

    [Fact]
    public async Task A_job_that_is_cancelled_stops_waiting()
    {
        await using var own = new OwnExecutor();
        var started = new RecordedJob();
        using var stop = new CancellationTokenSource();
        var endless = new TestJob("kernel void spin(global int* x) { while (x[0] == 0) { x[1]++; } }").Buffer("x", 8)
            .Step(new RepeatStep(100, [new FillStep("x", JobValue.Of(ScalarType.Int, 0))]))
            .Launch("spin", [1], "x").Read("x");

        var run = (await own.StartAsync()).RunAsync(endless.Build(), started, stop: stop.Token);
        await started.FirstProgress.WaitAsync(TimeSpan.FromMinutes(2));
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(run);
    }

    [Fact]
    public async Task A_kernel_that_crashes_costs_its_executor_and_says_so()
    {
        await using var own = new OwnExecutor();
        const string Source =
            "kernel void wild(global int* x) { x[get_global_id(0) * 1000000000L - 5000000000L] = 1; }";
        var wild = new TestJob(Source).Buffer("x", 4).Launch("wild", [100], "x").Read("x");

        var outcome = await (await own.StartAsync()).RunAsync(wild.Build());

        outcome.Result.ShouldBe(JobResult.ExecutorLost);
        outcome.Failure!.Kind.ShouldBe(JobFailureKinds.ExecutorLost);
    }

    /// <summary>An executor that a test may ruin.</summary>
    private sealed class OwnExecutor : IAsyncDisposable
    {
        private readonly JobExecutor _executor = new();

        public async Task<JobExecutor> StartAsync()
        {
            await _executor.InitializeAsync();
            return _executor;
        }

        public async ValueTask DisposeAsync() => await _executor.DisposeAsync();
    }
}
