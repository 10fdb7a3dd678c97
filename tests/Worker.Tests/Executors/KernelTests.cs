using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class KernelTests(ExecutorFixture fixture)
{
    private const string Add = "kernel void add(global int* a, int n) { a[get_global_id(0)] += n; }";

    [Fact]
    public async Task A_kernel_computes_on_a_buffer()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Add, "add");
        ulong buffer = await session.BufferOfAsync(1, 2, 3, 4);

        await session.LaunchAsync(kernel, 4, KernelArgument.Memory(buffer), KernelArgument.Value(10));
        await session.LaunchAsync(kernel, 2, KernelArgument.Memory(buffer), KernelArgument.Value(100));

        (await session.ReadAsync<int>(buffer, 4)).ShouldBe([111, 112, 13, 14]);
    }

    [Fact]
    public async Task Offset_and_local_size_reach_the_kernel()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(
            """
            kernel void where(global uint* a) {
                uint i = get_global_id(0) + 100 * get_global_id(1);
                a[get_global_id(0) + 8 * (get_global_id(1) - 2)] = 10000 * get_local_size(0) + i;
            }
            """,
            "where");
        ulong buffer = await session.BufferAsync(16 * sizeof(uint));

        await session.SendAsync(new LaunchKernel(
            TestSession.Queue, kernel, 2, new WorkSize(8, 2), new[] { KernelArgument.Memory(buffer) },
            Local: new WorkSize(4, 1), Offset: new WorkSize(0, 2, 0)));

        uint[] result = await session.ReadAsync<uint>(buffer, 16);
        result[0].ShouldBe(40200U);
        result[15].ShouldBe(40307U);
    }

    [Fact]
    public async Task Local_memory_structs_and_null_pointers_are_passed_as_they_are()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(
            """
            typedef struct { int a; float b; long c; } pod;
            kernel void gather(global long* out, pod p, local int* scratch, global int* none, uchar small) {
                scratch[0] = 7;
                out[0] = p.a + (long)p.b + p.c + scratch[0] + (none == 0 ? 1000 : 0) + small;
            }
            """,
            "gather");
        ulong buffer = await session.BufferAsync(8);
        byte[] pod = [.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3L)];

        await session.LaunchAsync(
            kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(pod), KernelArgument.Local(64),
            KernelArgument.Memory(0), KernelArgument.Value(new byte[] { 200 }));

        (await session.ReadAsync<long>(buffer, 1)).ShouldBe([1 + 2 + 3 + 7 + 1000 + 200]);
    }

    [Fact]
    public async Task A_build_error_comes_with_the_compilers_log()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong program = await session.ProgramAsync("kernel void f(global int* a) { a[0] = undeclared_thing; }");

        BuildResult built = await session.AskAsync(new BuildProgram(program));

        built.Code.ShouldBe(OpenClErrors.BuildProgramFailure);
        built.Log.ShouldContain("undeclared_thing");
        await session.SendAsync(new CreateKernel(session.NewId(), program, "f"));
        CommandException failure = await session.FailureAsync();
        failure.Code.ShouldBe(OpenClErrors.InvalidProgramExecutable);
        failure.Message.ShouldContain("CL_BUILD_PROGRAM_FAILURE");
    }

    [Fact]
    public async Task What_uses_a_failed_object_fails_with_the_first_cause()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong program = await session.ProgramAsync(Add);
        (await session.AskAsync(new BuildProgram(program))).Succeeded.ShouldBeTrue();
        ulong kernel = session.NewId();

        ulong creation = await session.SendAsync(new CreateKernel(kernel, program, "subtract"));
        ulong launch = await session.LaunchAsync(kernel, 1);
        await Should.ThrowAsync<CommandException>(session.FenceAsync());

        session.Heard.Failures.Select(failure => failure.Sequence).ShouldBe([creation, launch]);
        session.Heard.Failures.ShouldAllBe(failure => failure.Error.Code == -46); // CL_INVALID_KERNEL_NAME
        session.Heard.Failures.Last().Error.Text.ShouldContain($"object {kernel} failed when command #{creation}");
        await session.SendAsync(new Release(kernel)); // and its id is free again
        await session.SendAsync(new CreateKernel(kernel, program, "add"));
        await session.FenceAsync();
    }

    [Fact]
    public async Task A_number_is_never_taken_for_a_memory_object_nor_the_other_way_round()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(
            "kernel void f(global int* p, ulong n) { if (n == 42) p[0] = 1; }", "f");
        ulong buffer = await session.BufferAsync(4);

        await session.LaunchAsync(kernel, 1, KernelArgument.Value(0x4141414141414141UL), KernelArgument.Value(42UL));
        CommandException number = await session.FailureAsync();
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Memory(buffer));
        CommandException memory = await session.FailureAsync();
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(42UL));

        number.Code.ShouldBe(OpenClErrors.InvalidArgValue);
        number.Detail.ShouldContain("argument 0 (int* p) is of kind Memory, given was Value");
        memory.Detail.ShouldContain("argument 1 (ulong n) is of kind Value, given was Memory");
        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([1]);
    }

    [Fact]
    public async Task Wrong_counts_and_sizes_of_arguments_are_refused()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Add, "add");
        ulong buffer = await session.BufferAsync(4);

        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));
        (await session.FailureAsync()).Detail.ShouldContain("takes 2 arguments, 1 were given");
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(1L));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidArgSize);
    }

    [Fact]
    public async Task A_queue_that_stops_on_errors_runs_nothing_after_the_first()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Add, "add");
        ulong buffer = await session.BufferOfAsync(5);
        ulong queue = session.NewId();
        await session.SendAsync(
            new CreateQueue(queue, TestSession.Context, session.Device, QueueFlags.StopOnError));

        await session.SendAsync(new LaunchKernel(queue, kernel, 1, new WorkSize(1), default));
        await session.SendAsync(new LaunchKernel(
            queue, kernel, 1, new WorkSize(1), new[] { KernelArgument.Memory(buffer), KernelArgument.Value(1) }));
        CommandException failure =
            await Should.ThrowAsync<CommandException>(session.ReadAsync<int>(buffer, 1, 0, queue));

        failure.Code.ShouldBe(OpenClErrors.InvalidKernelArgs);
        failure.Detail.ShouldContain($"queue {queue} stopped at command #");
        await Should.ThrowAsync<CommandException>(session.FenceAsync());
        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([5]); // another queue goes on, and nothing was added
    }

    [Fact]
    public async Task Thousands_of_launches_are_pipelined_and_done_in_order()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(
            "kernel void next(global uint* a, uint n) { a[0] = a[0] * 31 + n; }", "next");
        ulong buffer = await session.BufferAsync(4);
        uint expected = 0;

        for (uint i = 0; i < 10_000; i++)
        {
            expected = (expected * 31) + i;
            await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(i));
        }

        (await session.ReadAsync<uint>(buffer, 1)).ShouldBe([expected]);
        await session.FenceAsync();
        session.Session.Connection.Acked.Completed.ShouldBeGreaterThan(9_000UL);
    }

    [Fact]
    public async Task Printed_text_comes_before_the_end_of_its_kernel()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(
            "kernel void say(int n) { printf(\"%d: %s %.2f\\n\", n, \"hello\", 1.5f); }", "say");

        for (var i = 0; i < 20; i++)
        {
            await session.LaunchAsync(kernel, 1, KernelArgument.Value(i));
            await session.AskAsync(new Finish(TestSession.Queue));
            session.Heard.Printed.ShouldEndWith($"{i}: hello 1.50\n");
        }
    }

    [Fact]
    public async Task A_program_describes_its_kernels_and_their_arguments()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong program = await session.ProgramAsync(
            """
            kernel __attribute__((reqd_work_group_size(4, 2, 1)))
            void one(global const float* restrict in, constant int* table, local uint* scratch, ulong n) { }
            kernel void two(read_only image2d_t image, sampler_t sampler, global float4* out) {
                out[0] = read_imagef(image, sampler, (float2)(0, 0));
            }
            """);
        (await session.AskAsync(new BuildProgram(program))).Succeeded.ShouldBeTrue();

        ProgramDescription described = await session.AskAsync(new DescribeProgram(program));

        KernelDescription one = described.Find("one")!.Value;
        one.RequiredWorkGroup.ShouldBe(new WorkSize(4, 2, 1));
        one.Parameters.Select(parameter => parameter.Kind).ShouldBe(
            [ArgumentKind.Memory, ArgumentKind.Memory, ArgumentKind.Local, ArgumentKind.Value]);
        one.Parameters[0].Qualifiers.ShouldBe(TypeQualifiers.Const | TypeQualifiers.Restrict);
        one.Parameters[0].Name.ShouldBe("in");
        one.Parameters[1].Address.ShouldBe(AddressQualifier.Constant);
        KernelDescription two = described.Find("two")!.Value;
        two.Parameters.Select(parameter => parameter.Kind).ShouldBe(
            [ArgumentKind.Memory, ArgumentKind.Sampler, ArgumentKind.Memory]);
        two.MaxWorkGroupSize.ShouldBeGreaterThan(0UL);
    }

    [Fact]
    public async Task A_description_that_no_frame_holds_is_told_in_parts()
    {
        await using TestSession session = await fixture.OpenAsync();
        string name = new('n', 60_000);
        ulong program = await session.ProgramAsync(string.Join(
            '\n', Enumerable.Range(0, 20).Select(i => $"kernel void k{i}(global int* {name}) {{ {name}[0] = {i}; }}")));
        (await session.AskAsync(new BuildProgram(program))).Succeeded.ShouldBeTrue();

        var kernels = new List<KernelDescription>();
        while (await session.AskAsync(new DescribeKernels(program, (uint)kernels.Count)) is { Kernels: { Count: > 0 } page })
            kernels.AddRange(page);

        kernels.Select(kernel => kernel.Name).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => $"k{i}").Order());
        kernels.ShouldAllBe(kernel => kernel.Parameters[0].Name == name);
        (await Should.ThrowAsync<CommandException>(session.AskAsync(new DescribeProgram(program)))).Code
            .ShouldBe(OpenClErrors.SessionLimit);
    }
}
