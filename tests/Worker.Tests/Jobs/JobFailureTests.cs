using GpuActors.Shared.Jobs;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

public class JobFailureTests(JobExecutor executor) : IClassFixture<JobExecutor>
{
    private const string Source = """
        kernel void put(global int* x, int v, local int* t) { x[get_global_id(0)] = v; }
        kernel void look(read_only image2d_t i) { }
        """;

    [Fact]
    public async Task A_program_that_does_not_build_fails_with_the_compilers_log()
    {
        var failure = await FailAsync(
            new TestJob("kernel void put(global int* x) { x[0] = nonsense; }").Buffer("x", 4).Read("x"));

        failure.Kind.ShouldBe(JobFailureKinds.Build);
        failure.Step.ShouldBe("/programs/main");
        failure.Message.ShouldContain("main");
        failure.Log.ShouldNotBeNull().ShouldContain("nonsense");
    }

    [Fact]
    public async Task An_unknown_kernel_fails_with_the_kernels_that_there_are()
    {
        var failure = await FailAsync(new TestJob(Source).Buffer("x", 4).Launch("putt", [1], "x").Read("x"));

        failure.Kind.ShouldBe(JobFailureKinds.UnknownKernel);
        failure.Step.ShouldBe("/steps/0/launch/kernel");
        failure.Message.ShouldContain("look, put");
    }

    [Fact]
    public async Task Too_few_arguments_fail_with_the_parameters()
    {
        var failure = await FailAsync(
            new TestJob(Source).Buffer("x", 4).Launch("put", [1], "x", JobArgument.Int(1)).Read("x"));

        failure.Kind.ShouldBe(JobFailureKinds.KernelArguments);
        failure.Step.ShouldBe("/steps/0/launch");
        failure.Message.ShouldContain("3 parameters (int* x, int v, int* t)");
    }

    [Theory]
    [InlineData(0, "buffer or image")]
    [InlineData(1, "{\"int\": …}, not {\"float\": …}")]
    [InlineData(2, "local memory")]
    public async Task An_argument_of_another_type_fails_with_its_place(int wrong, string message)
    {
        JobArgument[] arguments = ["x", JobArgument.Int(1), JobArgument.Local(4)];
        arguments[wrong] = JobArgument.Float(1);
        var launch = TestJob.Launched("put", [1], null, arguments);

        var failure = await FailAsync(
            new TestJob(Source).Buffer("x", 4).Step(new RepeatStep(2, [launch])).Read("x"));

        failure.Kind.ShouldBe(JobFailureKinds.KernelArguments);
        failure.Step.ShouldBe($"/steps/0/repeat/steps/0/launch/args/{wrong}");
        failure.Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_buffer_where_an_image_belongs_fails()
    {
        var failure = await FailAsync(new TestJob(Source).Buffer("x", 4).Launch("look", [1], "x").Read("x"));

        failure.Kind.ShouldBe(JobFailureKinds.KernelArguments);
        failure.Message.ShouldContain("an image, not buffer 'x'");
    }

    [Fact]
    public async Task A_number_that_is_out_of_range_in_a_round_between_fails_with_its_step()
    {
        var read = new ReadStep("x", "x") { Offset = "i * (4 - i) * 100", Size = 4 };
        var job = new TestJob(Source).Buffer("x", 64).Output("x", new JobOutput())
            .Step(new RepeatStep(5, [read]) { Counter = "i" });

        var failure = await FailAsync(job);

        failure.Kind.ShouldBe(JobFailureKinds.Step);
        failure.Step.ShouldBe("/steps/0/repeat/steps/0/read/size");
        failure.Message.ShouldContain("300 to 304");
    }

    [Theory]
    [InlineData("20MiB")]
    [InlineData("48MiB")]
    public async Task More_memory_than_the_slice_has_fails_with_the_step_that_asked(string size)
    {
        var job = new TestJob(Source).Buffer("x", 4).Step(
            new CreateStep("a", new JobBuffer { Size = "16MiB" }), new CreateStep("b", new JobBuffer { Size = size }),
            TestJob.Launched("put", [1], null, "b", JobArgument.Int(1), JobArgument.Local(4))).Read("x");

        var failure = await FailAsync(job, memoryBytes: 32 << 20);

        failure.Kind.ShouldBe(JobFailureKinds.OutOfMemory);
        failure.Step.ShouldBe("/steps/1/create");
    }

    [Fact]
    public async Task What_OpenCL_refuses_fails_with_its_step()
    {
        var launch = TestJob.Launched("put", [100_000], [100_000], "x", JobArgument.Int(1), JobArgument.Local(4));
        var job = new TestJob(Source).Buffer("x", 400_000)
            .Step(new FillStep("x", JobValue.Of(ScalarType.Int, 1)), launch).Read("x");

        var failure = await FailAsync(job);

        failure.Kind.ShouldBe(JobFailureKinds.OpenCl);
        failure.Step.ShouldBe("/steps/1/launch");
        failure.Message.ShouldContain("CL_INVALID_WORK_GROUP_SIZE");
    }

    [Fact]
    public async Task An_output_beyond_its_size_fails_with_the_step_that_read_too_much()
    {
        var read = new ReadStep("x", "x") { Size = "4 * (i + 1)" };
        var job = new TestJob(Source).Buffer("x", 64).Output("x", new JobOutput { MaxSizeBytes = 20 })
            .Step(new RepeatStep(3, [read]) { Counter = "i" });

        var failure = await FailAsync(job);

        failure.Kind.ShouldBe(JobFailureKinds.OutputTooLarge);
        failure.Step.ShouldBe("/steps/0/repeat/steps/0/read");
        failure.Message.ShouldContain("20 bytes");
    }

    [Fact]
    public async Task A_blob_that_cannot_be_had_fails_with_the_input()
    {
        var job = new TestJob(Source).Input("i", new BlobInput(new string('a', 64))).Buffer("x", 8)
            .Step(new WriteStep("x", "i")).Read("x");

        var failure = await FailAsync(job);

        failure.Kind.ShouldBe(JobFailureKinds.Input);
        failure.Step.ShouldBe("/inputs/i");
    }

    [Fact]
    public async Task A_blob_of_another_length_than_the_document_says_fails()
    {
        var job = new TestJob(Source).Input("i", new BlobInput(new string('a', 64), 8)).Buffer("x", 8)
            .Step(new WriteStep("x", "i")).Read("x");

        var outcome = await executor.RunAsync(
            job.Build(), blobs: (_, _) => Task.FromResult<Stream>(new MemoryStream(new byte[7])));

        outcome.Failure!.Kind.ShouldBe(JobFailureKinds.Input);
        outcome.Failure.Step.ShouldBe("/inputs/i/size");
    }

    private async Task<JobFailure> FailAsync(TestJob job, long memoryBytes = 1L << 28)
    {
        var outcome = await executor.RunAsync(job.Build(), memoryBytes: memoryBytes);

        outcome.Result.ShouldBe(JobResult.Failed);
        outcome.Outputs.ShouldBeEmpty();
        return outcome.Failure.ShouldNotBeNull();
    }
}
