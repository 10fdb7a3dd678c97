using GpuActors.Shared.Commands;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class EventTests(ExecutorFixture fixture)
{
    private const string Step = "kernel void advance(global int* a, int m, int n) { a[0] = a[0] * m + n; }";

    [Fact]
    public async Task An_out_of_order_queue_follows_its_events()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong queue = await QueueAsync(session, QueueFlags.OutOfOrder);
        ulong kernel = await session.KernelAsync(Step, "advance");
        ulong buffer = await session.BufferOfAsync(0);
        ulong gate = session.NewId(), first = session.NewId(), second = session.NewId();
        await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));

        // Enqueued last to first; the events make it ((0 * 1 + 3) * 10 + 4) * 10 + 5.
        await session.SendAsync(Launch(new Enqueue(queue, first, gate), kernel, buffer, 1, 3));
        await session.SendAsync(Launch(new Enqueue(queue, second, first), kernel, buffer, 10, 4));
        Task<int[]> reading = session.ReadAsync<int>(buffer, 1, 0, new Enqueue(queue, 0, second));
        (await session.AskAsync(new QueryEvent(second))).Status.ShouldBeGreaterThan(0);
        await session.SendAsync(new SetUserEventStatus(gate, 0));

        (await reading).ShouldBe([34]);
        (await session.AskAsync(new QueryEvent(second))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_large_transfer_on_an_out_of_order_queue_is_one_event()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong queue = await QueueAsync(session, QueueFlags.OutOfOrder);
        ulong buffer = await session.BufferAsync(5 << 20);
        ulong written = session.NewId();
        byte[] content = new byte[5 << 20];
        new Random(1).NextBytes(content);

        await session.WriteAsync(new Enqueue(queue, written), buffer, 0, content);

        (await session.ReadAsync<byte>(buffer, content.Length, 0, new Enqueue(queue, 0, written))).ShouldBe(content);
        (await session.AskAsync(new QueryEvent(written))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_user_event_that_fails_fails_what_waits_for_it()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Step, "advance");
        ulong buffer = await session.BufferOfAsync(1);
        ulong gate = session.NewId(), launched = session.NewId();
        await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));

        await session.SendAsync(Launch(new Enqueue(TestSession.Queue, launched, gate), kernel, buffer, 1, 1));
        Task<Done> waiting = session.AskAsync(new WaitEvents(launched));
        await session.SendAsync(new SetUserEventStatus(gate, -5));

        (await Should.ThrowAsync<CommandException>(waiting)).Code
            .ShouldBe(OpenClErrors.ExecStatusErrorForEventsInWaitList);
        (await session.AskAsync(new QueryEvent(launched))).Status.ShouldBeLessThan(0);
        (await session.FailureAsync()).Code.ShouldBeLessThan(0);
        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([1]);
    }

    [Fact]
    public async Task Waiting_for_events_ends_after_the_data_of_their_reads_has_come()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong buffer = await session.BufferAsync(1 << 20);
        for (var i = 0; i < 20; i++)
        {
            ulong read = session.NewId();
            var destination = new byte[1 << 20];
            await session.WriteAsync(TestSession.Queue, buffer, (1 << 20) - 1, (byte)(i + 1));
            Task<Done> reading = session.Session.Connection.ReadAsync(
                new ReadBuffer(new Enqueue(TestSession.Queue, read), buffer, 0, 1 << 20), destination);

            await session.AskAsync(new WaitEvents(read));

            destination[^1].ShouldBe((byte)(i + 1));
            await reading;
        }
    }

    [Theory]
    [InlineData(QueueFlags.None)]
    [InlineData(QueueFlags.OutOfOrder)]
    public async Task The_data_of_a_read_come_before_the_end_of_what_waited_for_it_on_another_queue(QueueFlags flags)
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong other = await QueueAsync(session, flags);
        ulong buffer = await session.BufferAsync(1 << 16);
        ulong gate = session.NewId(), read = session.NewId(), marker = session.NewId();
        await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));
        await session.WriteAsync(TestSession.Queue, buffer, 0xFFFF, (byte)7);
        var destination = new byte[1 << 16];

        Task<Done> reading = session.Session.Connection.ReadAsync(
            new ReadBuffer(new Enqueue(TestSession.Queue, read), buffer, 0, 1 << 16), destination);
        // The newest of its queue: the driver says nothing of that queue's commands until this one ends.
        await session.SendAsync(new EnqueueMarker(new Enqueue(TestSession.Queue, 0, gate)));
        await session.SendAsync(new EnqueueBarrier(new Enqueue(other, 0, read)));
        await session.SendAsync(new EnqueueMarker(new Enqueue(other, marker)));
        await session.AskAsync(new WaitEvents(marker));

        destination[^1].ShouldBe((byte)7);
        await reading.WaitAsync(TestSession.Deadline);
        await session.SendAsync(new SetUserEventStatus(gate, 0));
    }

    [Fact]
    public async Task A_subscription_is_answered_when_the_event_gets_there_and_not_before()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong gate = session.NewId(), marker = session.NewId();
        await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));
        await session.SendAsync(new EnqueueMarker(new Enqueue(TestSession.Queue, marker, gate)));

        Task<EventStatus> told = session.AskAsync(new SubscribeEvent(marker));
        await session.AskAsync(new Query(QueryKind.Session, 0)); // the executor has gone on after the subscription
        told.IsCompleted.ShouldBeFalse();
        await session.SendAsync(new SetUserEventStatus(gate, 0));

        (await told).ShouldBe(new EventStatus(marker, 0));
    }

    [Fact]
    public async Task A_profiling_queue_gives_times_in_order()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong queue = await QueueAsync(session, QueueFlags.Profiling);
        ulong kernel = await session.KernelAsync(Step, "advance");
        ulong buffer = await session.BufferOfAsync(1);
        ulong launched = session.NewId();

        ulong sequence = await session.SendAsync(
            Launch(new Enqueue(queue, launched, Notify: true), kernel, buffer, 1, 1));
        await session.AskAsync(new Finish(queue));

        (ulong about, EventStatus status) = session.Heard.Events.ShouldHaveSingleItem();
        about.ShouldBe(sequence);
        status.Event.ShouldBe(launched);
        status.HasTimes.ShouldBeTrue();
        new[] { status.QueuedNs, status.SubmitNs, status.StartNs, status.EndNs }.ShouldBeInOrder();
        status.EndNs.ShouldBeGreaterThan(status.QueuedNs);
        (await session.AskAsync(new QueryEvent(launched))).EndNs.ShouldBe(status.EndNs);
    }

    [Fact]
    public async Task A_barrier_holds_an_out_of_order_queue()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong queue = await QueueAsync(session, QueueFlags.OutOfOrder);
        ulong kernel = await session.KernelAsync(Step, "advance");
        ulong buffer = await session.BufferOfAsync(0);
        var expected = 0;
        for (var i = 1; i <= 50; i++)
        {
            expected = (expected * 2) + i;
            await session.SendAsync(Launch(queue, kernel, buffer, 2, i));
            await session.SendAsync(new EnqueueBarrier(queue));
        }
        await session.AskAsync(new Finish(queue));

        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([unchecked(expected)]);
    }

    [Fact]
    public async Task Events_that_do_not_exist_or_are_taken_are_refused()
    {
        await using TestSession session = await fixture.OpenAsync();
        await session.SendAsync(new EnqueueMarker(new Enqueue(TestSession.Queue, 0, 987654)));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidEventWaitList);

        await session.SendAsync(new EnqueueMarker(new Enqueue(TestSession.Queue, TestSession.Context)));
        (await session.FailureAsync()).Detail.ShouldContain("in use by a context");

        ulong failed = session.NewId();
        await session.SendAsync(new EnqueueMarker(new Enqueue(987654, failed)));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidCommandQueue);
        await session.SendAsync(new EnqueueMarker(new Enqueue(TestSession.Queue, 0, failed)));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.ExecStatusErrorForEventsInWaitList);
        (await session.AskAsync(new QueryEvent(failed))).Status.ShouldBe(OpenClErrors.InvalidCommandQueue);
    }

    [Fact]
    public async Task A_transfer_that_a_user_event_holds_cannot_lock_the_session_up()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 64 << 20);
        ulong buffer = await session.BufferAsync(32 << 20);
        ulong gate = session.NewId();
        await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));
        await session.SendAsync(new EnqueueBarrier(new Enqueue(TestSession.Queue, 0, gate)));
        var content = new byte[32 << 20];

        for (var i = 0; i < 5; i++) // 160 MiB, and the executor holds at most 128
            await session.WriteAsync(TestSession.Queue, buffer, 0, content);
        await session.SendAsync(new SetUserEventStatus(gate, 0));

        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.OutOfHostMemory);
        await session.WriteAsync(TestSession.Queue, buffer, 0, 1, 2, 3);
        (await session.ReadAsync<int>(buffer, 3)).ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_fence_in_a_batch_is_answered_when_what_precedes_it_is_done(bool byFinish)
    {
        // Steps that take as long as the test likes: each waits for a user event, which the test sets one by one.
        const int Steps = 5;
        await using TestSession session = await fixture.OpenAsync();
        ulong kernel = await session.KernelAsync(Step, "advance");
        ulong buffer = await session.BufferOfAsync(0);
        ulong[] gates = [.. Enumerable.Range(0, Steps).Select(_ => session.NewId())];
        foreach (ulong gate in gates)
            await session.SendAsync(new CreateUserEvent(gate, TestSession.Context));
        Task<Done>[] answers = [.. gates.Select(_ => Task.FromResult(default(Done)))];
        for (var i = 0; i < Steps; i++)
        {
            await session.SendAsync(Launch(new Enqueue(TestSession.Queue, 0, gates[i]), kernel, buffer, 10, i + 1));
            answers[i] = byFinish ? session.AskAsync(new Finish(TestSession.Queue)) : session.AskAsync(default(Fence));
        }

        for (var i = 0; i < Steps; i++)
        {
            answers[i].IsCompleted.ShouldBeFalse();
            await session.SendAsync(new SetUserEventStatus(gates[i], 0));
            await answers[i].WithDeadline($"the answer to step {i}, while the next one still waits");
        }

        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([12345]);
    }

    private static async Task<ulong> QueueAsync(TestSession session, QueueFlags flags)
    {
        ulong queue = session.NewId();
        await session.SendAsync(new CreateQueue(queue, TestSession.Context, session.Device, flags));
        return queue;
    }

    private static LaunchKernel Launch(Enqueue enqueue, ulong kernel, ulong buffer, int factor, int summand) =>
        new(enqueue, kernel, 1, new WorkSize(1), new[]
        {
            KernelArgument.Memory(buffer), KernelArgument.Value(factor), KernelArgument.Value(summand),
        });
}
