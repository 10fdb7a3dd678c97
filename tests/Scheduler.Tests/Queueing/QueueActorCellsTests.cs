using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.TestKit;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;
using GpuActors.Scheduler.Tests.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>A queue with probes in the place of three cells and of sessions: whom it asks, and what it makes of answers.</summary>
public sealed class QueueActorCellsTests : IDisposable
{
    private static readonly PoolCells Cells = new("default", 3);
    private static readonly string[] Hosts = [.. Enumerable.Range(0, Cells.Count).Select(
        cell => Enumerable.Range(0, 100).Select(i => $"h{i}").First(host => Cells.NumberOfHost(host) == cell))];

    private readonly TestKit _kit = new();
    private readonly TestProbe _cells;
    private readonly TestProbe _sessions;
    private readonly IActorRef _queue;

    public QueueActorCellsTests()
    {
        (_cells, _sessions) = (_kit.CreateTestProbe(), _kit.CreateTestProbe());
        var regions = new SchedulerRegions { CellCount = Cells.Count, Cells = _cells.Ref, Sessions = _sessions.Ref };
        var settings = SchedulerSettings.From(ConfigurationFactory.Load(
            [], ["gpuactors.security.cluster-secret = \"correct horse battery staple 1\""], _ => null));
        _queue = _kit.ActorOf(Props.Create(() => new QueueActor("default", regions, settings.Queues, GpuModels.BuiltIn)));
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void It_asks_nobody_for_slices_before_all_cells_have_said_what_they_have()
    {
        Enqueue("j");
        Picture(0, gpus: 1);
        Picture(1, gpus: 1);
        Requests().ShouldBeEmpty();
        Picture(2, gpus: 1);
        Requests().ShouldHaveSingleItem().Session.ShouldBe("t/j");
    }

    [Fact]
    public void It_asks_the_cell_that_has_room_first_then_the_others_and_merges_their_reasons()
    {
        Pictures(0, 2, 0);
        Enqueue("j", count: 2);
        var asked = new List<int> { Next().Cell };
        asked[0].ShouldBe(1, "only there is room as far as it knows");
        for (var i = 0; i < 2; i++)
        {
            Refuse("t/j", asked[^1], couldFit: asked[^1] == 1, new PlacementReason(asked[^1] + 1, "x"));
            _sessions.HasMessages.ShouldBeFalse("it is not refused yet");
            asked.Add(Next().Cell);
        }

        asked.Order().ShouldBe([0, 1, 2]);
        Refuse("t/j", asked[^1], couldFit: false, new PlacementReason(asked[^1] + 1, "x"));
        _sessions.ExpectMsg<SessionWaits>().Reason.ShouldBe("No room: 6 x.");
        Requests().ShouldBeEmpty();
    }

    [Fact]
    public void An_unanswered_request_is_sent_to_the_same_cell_again()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var first = Next();
        for (var i = 0; i < 3; i++)
        {
            _kit.Advance(TimeSpan.FromSeconds(10));
            Requests().Select(again => again.Cell).Distinct().ShouldBe([first.Cell]);
        }
    }

    [Fact]
    public void A_late_refusal_of_a_cell_that_is_not_asked_any_more_counts_for_nothing()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var first = Next().Cell;
        Refuse("t/j", first, couldFit: true);
        var second = Next().Cell;
        Refuse("t/j", first, couldFit: true);
        Requests().ShouldBeEmpty("the second has not answered");
        second.ShouldNotBe(first);
    }

    [Fact]
    public void What_is_freed_in_a_cell_after_it_refused_makes_it_be_asked_again()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var first = Next().Cell;
        Refuse("t/j", first, couldFit: true);
        var second = Next().Cell;
        Send(new CapacityFreed(Gpus: [Freed(first)], Cell: PoolCells.SignatureOf(Cells.NameOf(first))));
        Refuse("t/j", second, couldFit: true);
        var rest = new List<int> { Next().Cell };
        Refuse("t/j", rest[0], couldFit: true);
        rest.Add(Next().Cell);
        rest.Order().ShouldBe(new[] { first, 3 - first - second }.Order());
        _sessions.HasMessages.ShouldBeFalse();
        Refuse("t/j", rest[1], couldFit: true);
        _sessions.FishForMessage<SessionWaits>(_ => true);
    }

    [Fact]
    public void One_that_is_withdrawn_is_not_sent_to_further_cells()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var first = Next().Cell;
        Send(new WithdrawSession("t/j"));
        Refuse("t/j", first, couldFit: true);
        Requests().ShouldBeEmpty();
        Waiting().ShouldBe(0);
    }

    [Fact]
    public void Requests_go_to_cells_as_evenly_as_they_are_free()
    {
        Pictures(8, 8, 8);
        var used = new int[3];
        for (var i = 0; i < 24; i++)
        {
            Enqueue($"j{i}");
            var asked = Next();
            Reserve(asked.Session, asked.Cell, used[asked.Cell]++);
            (used.Max() - used.Min()).ShouldBeLessThanOrEqualTo(4);
        }

        used.ShouldBe([8, 8, 8], "a cell that is full is not asked while another has room");
        GpusUsed().ShouldBe(24);
    }

    [Fact]
    public void The_highest_epoch_that_it_has_seen_goes_with_each_request()
    {
        Pictures(2, 2, 2);
        Enqueue("a", lastEpoch: 5);
        var first = Next();
        first.After.ShouldBe(5);
        var epoch = Reserve("t/a", first.Cell, 0);
        Enqueue("b");
        Next().After.ShouldBe(epoch);
        Enqueue("c", lastEpoch: 9000);
        Next().After.ShouldBe(9000);
    }

    [Fact]
    public void The_word_of_one_cell_says_nothing_of_the_others()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var asked = Next();
        Reserve("t/j", asked.Cell, 0);
        _kit.Advance(TimeSpan.FromSeconds(65)); // cells are asked what they have; one answers, the others are slow
        Picture((asked.Cell + 1) % 3, gpus: 1);
        (GpusUsed(), SharePercent()).ShouldBe((1.0, 33.0));
        Picture(asked.Cell, gpus: 1);
        GpusUsed().ShouldBe(0, "its own cell says that nobody holds anything there");
    }

    [Fact]
    public void A_host_is_as_the_cell_says_that_it_belongs_to()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        Reserve("t/j", Next().Cell, 0);
        SharePercent().ShouldBe(33);
        Send(new CellInventory([Device(Hosts[0], 0, true), Device(Hosts[1], 0, false)], [], [], null));
        SharePercent().ShouldBe(33, "what cell 0 says of another's host is of old");
    }

    [Fact]
    public void A_session_that_holds_slices_already_is_sent_to_the_cell_that_gave_them()
    {
        for (var i = 0; i < 8; i++)
        {
            var holder = i % 3;
            Pictures(1, 1, 1);
            Send(new CellInventory(
                [Device(Hosts[holder], 0, true) with { Slices = [new OwnedSlice(Grant(holder, 0), $"t/j{i}", 64 + holder, default)] }],
                [],
                [],
                PoolCells.SignatureOf(Cells.NameOf(holder))));
            Enqueue($"j{i}");
            var asked = Next();
            (asked.Session, asked.Cell).ShouldBe(($"t/j{i}", holder));
            Reserve(asked.Session, holder, 0);
            Send(new CapacityFreed(asked.Session, long.MaxValue, [Freed(holder)], PoolCells.SignatureOf(Cells.NameOf(holder))));
        }
    }

    [Fact]
    public void What_another_cell_gets_back_does_not_take_what_a_session_has()
    {
        Pictures(1, 1, 1);
        Enqueue("j");
        var asked = Next();
        Reserve("t/j", asked.Cell, 0);
        var other = (asked.Cell + 1) % 3;
        Send(new CapacityFreed("t/j", 10_000, [Freed(other)], PoolCells.SignatureOf(Cells.NameOf(other))));
        GpusUsed().ShouldBe(1);
    }

    private void Pictures(params int[] gpus)
    {
        for (var cell = 0; cell < gpus.Length; cell++)
        {
            Picture(cell, gpus[cell]);
        }
    }

    private void Picture(int cell, int gpus) => Send(new CellInventory(
        [.. Enumerable.Range(0, gpus).Select(index => Device(Hosts[cell], index, true))],
        [],
        [],
        PoolCells.SignatureOf(Cells.NameOf(cell))));

    private static DeviceUse Device(string host, int index, bool available) =>
        new(host, TestGpus.Gpu(index), available, []);

    private static FreedGpu Freed(int cell) => new(Hosts[cell], TestGpus.Gpu(0), TestGpus.Gpu(0).MemoryBytes, 100, true);

    private void Enqueue(string job, int count = 1, long lastEpoch = 0) => Send(new EnqueueSession(
        new WaitingSession($"t/{job}", new GpuRequest { Whole = true, Count = count }, 0, default, []) { LastEpoch = lastEpoch }));

    private void Refuse(string session, int cell, bool couldFit, params PlacementReason[] reasons) =>
        Send(new NoRoom(session, "No room there.", couldFit, PoolCells.SignatureOf(Cells.NameOf(cell)), reasons));

    private long Reserve(string session, int cell, int gpu)
    {
        var epoch = Cells.EpochAfter(cell, 2000 + _kit.Runtime.Time.GetUtcNow().Second);
        Send(new Reserved(session, epoch, [Grant(cell, gpu)], PoolCells.SignatureOf(Cells.NameOf(cell))));
        _sessions.FishForMessage<SlicesReserved>(told => told.Session == session);
        return epoch;
    }

    private static SliceGrant Grant(int cell, int gpu) => new(
        $"{Hosts[cell]}/{gpu}/s0", Hosts[cell], gpu, TestGpus.Gpu(gpu).MemoryBytes, 100, true);

    private void Send(object message)
    {
        _cells.Send(_queue, message);
        _kit.Advance(TimeSpan.Zero);
    }

    private (string Session, int Cell, long After) Next() => Requests().ShouldHaveSingleItem();

    /// <summary>What it has asked cells for since it was looked at last, without repetitions and questions.</summary>
    private (string Session, int Cell, long After)[] Requests()
    {
        _kit.Advance(TimeSpan.Zero);
        var all = new List<(string, int, long)>();
        while (_cells.ReceiveOne(TimeSpan.Zero) is { } message)
        {
            if (message is ShardingEnvelope { Message: ReserveSlices asked } envelope)
            {
                all.Add((asked.Session, PoolCells.NumberOf(envelope.EntityId), asked.After));
            }
        }

        return [.. all];
    }

    private int Waiting() => _kit.Await(_queue.Ask<QueueLength>(new GetQueueLength())).Waiting;

    private double? GpusUsed() => Queue().Used.Gpus;

    private double SharePercent() => Math.Round(Queue().SharePercent);

    private QueueStatus Queue() =>
        _kit.Await(_queue.Ask<QueueList>(new GetQueues())).Queues.Single(queue => queue.Name == "default");
}
