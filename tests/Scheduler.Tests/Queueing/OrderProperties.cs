using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>The order is one, whoever asks and however they came in.</summary>
public sealed class OrderProperties
{
    private const int Tests = 100;

    [Fact]
    public void The_order_is_total_and_does_not_depend_on_how_they_came_in() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(24).ToArbitrary(), numbers =>
        {
            var candidates = CandidatesOf(numbers);
            var sorted = candidates.Order(ByOrder).ToArray();
            for (var i = 0; i < sorted.Length; i++)
            {
                for (var j = 0; j < sorted.Length; j++)
                {
                    Math.Sign(ServiceOrder.Compare(sorted[i], sorted[j])).ShouldBe(Math.Sign(i - j));
                }
            }

            candidates.Reverse().Order(ByOrder).ShouldBe(sorted);
        }).Check(Config);

    [Fact]
    public void The_queue_gives_out_in_that_order_however_they_came_in() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(24).ToArbitrary(), Gen.Choose(0, 1 << 20).ToArbitrary(), (numbers, seed) =>
        {
            var sessions = numbers.Select((n, i) => SessionOf(n, i)).ToArray();
            var orders = new[] { sessions, [.. sessions.OrderBy(s => (s.Session.GetHashCode(StringComparison.Ordinal) ^ seed) % 97)] }
                .Select(OrderOf).ToArray();
            orders[0].ShouldBe(orders[1]);
        }).Check(Config);

    [Fact]
    public void Equal_keys_go_by_their_ids()
    {
        string[] ids = ["c", "a", "d", "b"];
        OrderOf([.. ids.Select(id => Session(id, 10))]).ShouldBe(["a", "b", "c", "d"]);
    }

    private static FsCheck.Config Config => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(Tests);

    private static Comparer<Candidate> ByOrder { get; } = Comparer<Candidate>.Create((a, b) => ServiceOrder.Compare(a, b));

    private static string[] OrderOf(WaitingSession[] sessions)
    {
        var queue = new WaitingQueue(100);
        Array.ForEach(sessions, session => queue.Add(session));
        var order = new List<string>();
        while (queue.TryTake(Start, out var next))
        {
            order.Add(next.Unit.Id);
            queue.Drop(next.Unit); // what was served would change the shares
        }

        return [.. order];
    }

    private static WaitingSession SessionOf(int number, int index) => Session(
        $"s{index}",
        10 * (1 + (number % 3)),
        priority: number / 3 % 3,
        second: number / 9 % 4,
        tenant: $"t{number / 36 % 3}",
        jobClass: number / 108 % 4 == 0 ? JobClass.Scavenger : JobClass.Normal) with
    {
        LatestStart = number / 432 % 3 == 0 ? Start.AddSeconds(number / 1296 % 5) : null,
    };

    /// <summary>Tenants of queues of several depths, many with equal shares.</summary>
    private static Candidate[] CandidatesOf(IReadOnlyList<int> numbers)
    {
        var tree = new QuotaTree(
        [
            new() { Name = "org" }, new() { Name = "team", Parent = "org" }, new() { Name = "group", Parent = "team" },
            new() { Name = "other" },
        ]);
        var ledger = new UsageLedger(tree);
        var world = new QueueWorld();
        foreach (var (number, i) in numbers.Select((n, i) => (n, i)))
        {
            ledger.Charge($"r{i}", LeafOf(tree, number), new ResourceVector(number % 3 * 100, 0), JobClass.Normal);
        }

        return
        [
            .. numbers.Select((number, i) =>
            {
                world.Queue.Add(SessionOf(number, i));
                world.Queue.TryTake(Start, out var next).ShouldBeTrue();
                next!.Unit.Due = number / 7 % 4;
                return new Candidate(next.Unit, LeafOf(tree, number), number / 5 % 3 == 0, number / 11 % 3 == 0);
            }),
        ];
    }

    private static QuotaNode LeafOf(QuotaTree tree, int number) => tree.LeafOf(
        new[] { "org", "team", "group", "other", "default" }[number / 13 % 5], $"t{number / 17 % 3}");
}
