using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class SessionTests(ExecutorFixture fixture)
{
    private const uint DeviceName = 0x102B;
    private const uint GlobalMemSize = 0x101F;
    private const uint MaxComputeUnits = 0x1002;
    private const uint SvmCapabilities = 0x1053;
    private const uint ExecutionCapabilities = 0x1029;
    private const uint Extensions = 0x1030;

    [Fact]
    public async Task A_session_sees_its_slice_and_not_the_device()
    {
        await using TestSession session = await fixture.OpenAsync(
            memoryBytes: 10 << 20, computeUnits: 1, deviceName: "A100-10C");

        DeviceSummary summary = session.Session.Connection.Welcome.Devices.ShouldHaveSingleItem();
        Info info = await session.AskAsync(new Query(QueryKind.Device, session.Device));

        summary.Name.ShouldBe("A100-10C");
        summary.ComputeUnits.ShouldBe(1U);
        Text(info, DeviceName).ShouldBe("A100-10C");
        Number(info, GlobalMemSize).ShouldBe(10UL << 20);
        Number(info, MaxComputeUnits).ShouldBe(1UL);
        Number(info, SvmCapabilities).ShouldBe(0UL);
        Number(info, ExecutionCapabilities).ShouldBe(1UL); // kernels only
        Text(info, Extensions).ShouldNotContain("command_buffer");
        info.Entries.Count.ShouldBeGreaterThan(90);
    }

    [Fact]
    public async Task Work_of_a_slice_with_one_compute_unit_stays_on_one_thread()
    {
        // How many threads take part is counted by the kernel itself: PoCL runs each compute unit on its own thread.
        const string Source =
            """
            kernel void spread(global uint* a, uint n) {
                uint x = get_global_id(0);
                for (uint i = 0; i < n; i++) x = x * 1664525u + 1013904223u;
                a[get_global_id(0)] = x;
            }
            """;
        await using TestSession session = await fixture.OpenAsync(computeUnits: 1);
        ulong kernel = await session.KernelAsync(Source, "spread");
        ulong buffer = await session.BufferAsync(4096 * 4);
        var small = new LaunchKernel(
            TestSession.Queue, kernel, 1, new WorkSize(4096),
            new[] { KernelArgument.Memory(buffer), KernelArgument.Value(10U) }, Local: new WorkSize(64));
        await session.SendAsync(small);
        await session.AskAsync(new Finish(TestSession.Queue));
        Dictionary<int, long> before = ThreadTimes(session.Session.ProcessId);

        await session.SendAsync(small with
        {
            Arguments = new[] { KernelArgument.Memory(buffer), KernelArgument.Value(200_000U) },
        });
        await session.AskAsync(new Finish(TestSession.Queue));

        long[] used = [.. ThreadTimes(session.Session.ProcessId)
            .Select(thread => thread.Value - before.GetValueOrDefault(thread.Key)).OrderDescending()];
        used[0].ShouldBeGreaterThan(10); // ticks of 10 ms
        (used[0] / (double)used.Sum()).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public async Task A_client_partitions_its_slice_further()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong one = session.NewId(), two = session.NewId(), context = session.NewId(), queue = session.NewId();
        await session.SendAsync(new CreateSubDevices(session.Device, new ulong[] { 1, 1 }, new[] { one, two }));
        await session.SendAsync(new CreateContext(context, new[] { one, two }));
        await session.SendAsync(new CreateQueue(queue, context, two));
        ulong buffer = session.NewId();
        await session.SendAsync(new CreateBuffer(buffer, context, 4));
        await session.SendAsync(new FillBuffer(queue, buffer, 0, 4, new byte[] { 3 }));

        (await session.ReadAsync<byte>(buffer, 4, 0, queue)).ShouldBe([3, 3, 3, 3]);
        Number(await session.AskAsync(new Query(QueryKind.Device, one)), MaxComputeUnits).ShouldBe(1UL);
        await session.SendAsync(new CreateSubDevices(session.Device, new ulong[] { 999 }, session.NewId()));
        (await session.FailureAsync()).Code.ShouldBeLessThan(0);
    }

    [Fact]
    public async Task Image_formats_and_properties_of_all_kinds_can_be_asked_for()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync("kernel void f(global const int* in, int n) { }", "f");
        ulong buffer = await session.BufferAsync(128);

        ImageFormats formats = await session.AskAsync(
            new GetImageFormats(TestSession.Context, MemFlags.ReadOnly, MemObjectType.Image2D));
        formats.Formats.ShouldContain(new ImageFormat(ChannelOrder.RGBA, ChannelType.UnormInt8));
        Text(await session.AskAsync(new Query(QueryKind.Platform, 0)), 0x0901).ShouldStartWith("OpenCL ");
        Text(await session.AskAsync(new Query(QueryKind.Kernel, kernel)), 0x1190).ShouldBe("f");
        Text(await session.AskAsync(new Query(QueryKind.KernelArgument, kernel, 1)), 0x119A).ShouldBe("n");
        Number(await session.AskAsync(new Query(QueryKind.KernelWorkGroup, kernel)), 0x11B0).ShouldBeGreaterThan(0UL);
        Number(await session.AskAsync(new Query(QueryKind.Memory, buffer)), 0x1102).ShouldBe(128UL);
        Info queue = await session.AskAsync(new Query(QueryKind.Queue, TestSession.Queue));
        queue.Find(0x1091).ShouldBeNull(); // a handle of the executor's means nothing to a client
        await Should.ThrowAsync<CommandException>(session.AskAsync(new Query((QueryKind)99, 0)));
        await Should.ThrowAsync<CommandException>(session.AskAsync(new Query(QueryKind.Kernel, buffer)));
    }

    [Fact]
    public async Task A_tenants_next_session_starts_empty_in_the_same_process()
    {
        const string Tenant = "same";
        int process;
        await using (TestSession first = await fixture.OpenAsync(Tenant, 32 << 20))
        {
            process = first.Session.ProcessId;
            await first.WriteAsync(
                TestSession.Queue, await first.BufferAsync(30 << 20), 0, Enumerable.Repeat((byte)0x5A, 30 << 20).ToArray());
            await first.KernelAsync("kernel void f() { }", "f");
            await first.SendAsync(new CreateUserEvent(first.NewId(), TestSession.Context));
        }

        await using TestSession second = await fixture.OpenAsync(Tenant, 32 << 20);
        second.Session.ProcessId.ShouldBe(process);
        (await second.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(0UL);
        (await second.QueryAsync(SessionInfo.Objects)).ShouldBe(2UL);
        ulong buffer = await second.BufferAsync(30 << 20);
        (await second.ReadAsync<byte>(buffer, 30 << 20)).AsSpan().IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public async Task Another_tenant_gets_another_process()
    {
        int process;
        await using (TestSession first = await fixture.OpenAsync("one"))
            process = first.Session.ProcessId;

        await using TestSession second = await fixture.OpenAsync("two");

        second.Session.ProcessId.ShouldNotBe(process);
    }

    [Theory]
    [InlineData(0UL, 0U, "0 bytes of memory")]
    [InlineData(ulong.MaxValue, 0U, "bytes of memory were asked for")]
    [InlineData(1UL << 20, 4096U, "4096 compute units were asked for")]
    public async Task A_slice_that_the_device_does_not_have_is_refused(ulong memory, uint units, string reason)
    {
        var exception = await Should.ThrowAsync<ExecutorUnavailableException>(
            fixture.OpenAsync("refused", memory, units));

        exception.Message.ShouldContain(reason);
    }

    [Fact]
    public async Task Ids_in_use_or_zero_are_refused_and_harm_nothing()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong buffer = await session.BufferOfAsync(42);

        await session.SendAsync(new CreateBuffer(buffer, TestSession.Context, 4));
        (await session.FailureAsync()).Detail.ShouldContain("in use by a buffer");
        await session.SendAsync(new CreateBuffer(0, TestSession.Context, 4));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidValue);
        await session.SendAsync(new Release(123456));
        (await session.FailureAsync()).Detail.ShouldContain("no object 123456");
        await session.SendAsync(new FillBuffer(TestSession.Queue, TestSession.Context, 0, 4, new byte[1]));
        (await session.FailureAsync()).Detail.ShouldContain("is a context, not a memory object");

        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([42]);
    }

    private static string Text(Info info, uint name) => Encoding.UTF8.GetString(info.Find(name)!.Value.Span).TrimEnd('\0');

    private static ulong Number(Info info, uint name)
    {
        Bytes value = info.Find(name)!.Value;
        return value.Length == 4 ? BitConverter.ToUInt32(value.Span) : BitConverter.ToUInt64(value.Span);
    }

    /// <summary>User time of each thread, in ticks.</summary>
    private static Dictionary<int, long> ThreadTimes(int process) =>
        Directory.GetDirectories($"/proc/{process}/task").ToDictionary(
            path => int.Parse(Path.GetFileName(path)),
            path => long.Parse(File.ReadAllText($"{path}/stat").Split(") ")[1].Split(' ')[11]));
}
