using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>Transfers that are large enough to go straight to and from a buffer of host memory.</summary>
[Collection(ExecutorCollection.Name)]
public class LargeTransferTests(ExecutorFixture fixture)
{
    private const int Items = 1 << 20;
    private const string Add = "kernel void add(global int* a, int n) { a[get_global_id(0)] += n; }";

    [Fact]
    public async Task Reads_have_the_content_of_their_place_in_the_queue_whatever_comes_behind_them()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Add, "add");
        ulong buffer = await session.BufferAsync(Items * sizeof(int));
        int[] content = [.. Enumerable.Range(0, Items)];
        await session.WriteAsync(TestSession.Queue, buffer, 0, content);
        await session.FenceAsync(); // nothing is under way: the next read goes in place

        Task<int[]> first = session.ReadAsync<int>(buffer, Items);
        await session.LaunchAsync(kernel, Items, KernelArgument.Memory(buffer), KernelArgument.Value(7));
        Task<int[]> second = session.ReadAsync<int>(buffer, Items);
        await session.WriteAsync(TestSession.Queue, buffer, 0, new int[Items]);
        int[] third = await session.ReadAsync<int>(buffer, Items / 2, Items / 2 * sizeof(int));

        (await first).ShouldBe(content);
        (await second).ShouldBe(content.Select(value => value + 7));
        third.ShouldAllBe(value => value == 0);
        await session.FenceAsync();
    }

    [Fact]
    public async Task Parts_of_a_buffer_and_of_a_sub_buffer_are_written_and_read_where_they_are()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong buffer = await session.BufferAsync(Items * sizeof(int));
        ulong part = session.NewId();
        const int Half = Items / 2;
        await session.SendAsync(new CreateSubBuffer(
            part, buffer, Half * sizeof(int), Half * sizeof(int)));
        int[] content = [.. Enumerable.Range(1, Items / 4)];

        await session.FenceAsync();
        await session.WriteAsync(TestSession.Queue, part, 4096, content);
        await session.FenceAsync();
        int[] read = await session.ReadAsync<int>(part, content.Length, 4096);
        await session.FenceAsync();
        int[] whole = await session.ReadAsync<int>(buffer, Items);

        read.ShouldBe(content);
        whole[..(Half + 1024)].ShouldAllBe(value => value == 0);
        whole[(Half + 1024)..(Half + 1024 + content.Length)].ShouldBe(content);
        whole[(Half + 1024 + content.Length)..].ShouldAllBe(value => value == 0);
    }

    [Fact]
    public async Task Times_of_a_large_transfer_are_in_order_and_its_event_ends()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong queue = session.NewId();
        await session.SendAsync(new CreateQueue(queue, TestSession.Context, session.Device, QueueFlags.Profiling));
        ulong buffer = await session.BufferAsync(Items * sizeof(int));
        await session.FenceAsync();
        ulong write = session.NewId(), read = session.NewId();

        await session.WriteAsync(new Enqueue(queue, write), buffer, 0, new int[Items]);
        EventStatus written = await session.AskAsync(new SubscribeEvent(write, 0));
        await session.ReadAsync<int>(buffer, Items, 0, new Enqueue(queue, read));
        EventStatus wasRead = await session.AskAsync(new SubscribeEvent(read, 0));

        foreach (EventStatus status in new[] { written, wasRead })
        {
            status.Status.ShouldBe(0);
            status.HasTimes.ShouldBeTrue();
            status.SubmitNs.ShouldBeGreaterThanOrEqualTo(status.QueuedNs);
            status.StartNs.ShouldBeGreaterThanOrEqualTo(status.SubmitNs);
            status.EndNs.ShouldBeGreaterThanOrEqualTo(status.StartNs);
        }
    }

    [Fact]
    public async Task An_id_that_was_given_to_another_buffer_is_that_one_for_the_next_launch_of_the_kernel()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Add, "add");
        ulong other = await session.BufferOfAsync(100);
        ulong buffer = await session.BufferOfAsync(1);
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(5));
        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([6]);

        await session.SendAsync(new Release(buffer));
        await session.SendAsync(new CreateBuffer(buffer, TestSession.Context, 4096));
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(5));
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(other), KernelArgument.Value(5));
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer), KernelArgument.Value(6));

        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([11]);
        (await session.ReadAsync<int>(other, 1)).ShouldBe([105]);
    }
}
