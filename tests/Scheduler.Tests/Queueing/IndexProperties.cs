using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Index;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>
/// The index finds, without looking at all who wait, what a look at all of them finds: whatever came, went, was served,
/// was given or took back its quota, or rests.
/// </summary>
public sealed class IndexProperties
{
    private const int Steps = 120;

    [Fact]
    public void The_first_that_it_finds_are_the_first_of_all() =>
        Prop.ForAll(Gen.Choose(0, 1 << 28).ListOf(Steps).ToArbitrary(), numbers =>
        {
            var world = new World();
            foreach (var number in numbers)
            {
                world.Step(number);
                world.Find(number).ShouldBe(world.LookAtAll(number));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void One_that_is_known_before_gives_way_only_to_those_who_go_before_it() =>
        Prop.ForAll(Gen.Choose(0, 1 << 28).ListOf(Steps).ToArbitrary(), numbers =>
        {
            var world = new World();
            foreach (var number in numbers)
            {
                world.Step(number);
                if (world.AnyOf(number) is { } known)
                {
                    world.Find(number, known).ShouldBe(world.LookAtAll(number, known));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private sealed class World
    {
        private static readonly ResourceVector[] Sizes =
            [.. new[] { 100, 250, 500, 1000 }.Select(milli => new ResourceVector(milli, milli * Gibibyte / 25))];

        private readonly QuotaTree _quotas;
        private readonly UsageLedger _ledger;
        private readonly WaitingIndex _index;
        private readonly WaitingShape[] _shapes;
        private readonly List<(WaitingUnit Unit, WaitingGroup Group)> _units = [];
        private readonly List<string> _running = [];
        private int _count;
        private long _served;

        public World()
        {
            var quota = ResourceVector.Unlimited with { GpuMilli = 1500 };
            _quotas = new QuotaTree(
            [
                new() { Name = "org", Quota = quota with { GpuMilli = 2500 }, Borrow = true },
                new() { Name = "a", Parent = "org", Quota = quota, Borrow = true },
                new() { Name = "b", Parent = "org", Quota = quota, Weight = 3 },
                new() { Name = "free", Tenants = TenantLimits.None with { MaxRunning = 3 } },
            ])
            {
                Capacity = new ResourceVector(8000, 320 * Gibibyte),
            };
            _ledger = new UsageLedger(_quotas);
            _index = new WaitingIndex(_quotas);
            _shapes =
            [
                .. Sizes.Select(size => new WaitingShape(
                    new ShapeKey(Request((int)(size.GpuMilli / 10)), ResourceVector.Zero, PlacementTerms.None, null),
                    new DeviceNeed(size.GpuMemoryBytes, (int)(size.GpuMilli / 10)))),
            ];
        }

        public void Step(int number)
        {
            var what = number % 8;
            number /= 8;
            if (what <= 2)
            {
                Add(number);
            }
            else if (what == 3 && _units.Count > 0)
            {
                Remove(_units[number % _units.Count]);
            }
            else if (what == 4)
            {
                _ledger.Charge($"r{_count}", Leaf(number), Sizes[number / 16 % Sizes.Length], JobClass.Normal);
                _running.Add($"r{_count++}");
            }
            else if (what == 5 && _running.Count > 0)
            {
                _ledger.Refund(_running[number % _running.Count]);
                _running.RemoveAt(number % _running.Count);
            }
            else if (what == 6)
            {
                _index.Served(_served += number % 3);
            }
            else if (what == 7)
            {
                var shape = _shapes[number % _shapes.Length];
                shape.State = (ShapeState)(number / 4 % 3);
                foreach (var group in shape.Groups)
                {
                    _index.Refresh(group);
                }
            }
        }

        public string[] Find(int number)
        {
            var found = new List<Candidate>();
            _index.Find(SearchOf(number), LimitOf(number), found);
            return [.. found.Select(Words)];
        }

        public string[] Find(int number, Candidate known)
        {
            List<Candidate> found = [known];
            _index.Find(SearchOf(number), 1, found);
            return [.. found.Select(Words)];
        }

        public string[] LookAtAll(int number, Candidate known) =>
            [.. All(number).Append(known).Order(ByOrder).Take(1).Select(Words)];

        public Candidate? AnyOf(int number) => _units.Count > 0
            && _units[number % _units.Count].Group.TryFirst(_quotas, _served, out var candidate) ? candidate : null;

        public string[] LookAtAll(int number) =>
            [.. All(number).Order(ByOrder).Take(LimitOf(number)).Select(Words)];

        private static Comparer<Candidate> ByOrder { get; } =
            Comparer<Candidate>.Create((a, b) => ServiceOrder.Compare(a, b));

        private IEnumerable<Candidate> All(int number)
        {
            foreach (var group in _units.Select(unit => unit.Group).Distinct().Where(SearchOf(number).Wants))
            {
                if (group.TryFirst(_quotas, _served, out var candidate))
                {
                    yield return candidate;
                }
            }
        }

        private static string Words(Candidate candidate) =>
            $"{candidate.Unit.Id}{(candidate.Borrows ? " borrows" : "")}{(candidate.IsDue ? " is due" : "")}";

        private static int LimitOf(int number) => 1 + (number / 64 % 4);

        private static SizedSearch SearchOf(int number) => new(
            number % 2 == 0 ? ShapeState.Fresh : ShapeState.Resting, Sizes[number / 16 % Sizes.Length].GpuMemoryBytes);

        private void Add(int number)
        {
            var shape = _shapes[number % 4];
            var jobClass = number / 64 % 5 == 0 ? JobClass.Scavenger : JobClass.Normal;
            var waiting = Session(
                $"s{_count}", (int)(Sizes[number % 4].GpuMilli / 10), number / 4 % 3, _count % 7, TenantOf(number / 16),
                QueueOf(number / 16), jobClass, preemptible: number / 320 % 3 == 0 ? false : null,
                limitSeconds: 100 + (number / 1024 % 2));
            var unit = new WaitingUnit([waiting], Sizes[number % 4]) { Due = _served + 2 + (number / 2048 % 20) };
            _count++;
            var group = shape.GroupOf(unit, Leaf(number / 16));
            group.Add(unit);
            _index.Put(group);
            _units.Add((unit, group));
        }

        private void Remove((WaitingUnit Unit, WaitingGroup Group) gone)
        {
            _units.Remove(gone);
            gone.Group.Remove(gone.Unit);
            if (!gone.Group.IsEmpty)
            {
                _index.Put(gone.Group);
                return;
            }

            _index.Remove(gone.Group);
            gone.Group.Shape.Remove(gone.Group);
        }

        private QuotaNode Leaf(int number) => _quotas.LeafOf(QueueOf(number), TenantOf(number));

        private static string QueueOf(int number) => new[] { "a", "b", "free", "default" }[number % 4];

        private static string TenantOf(int number) => $"t{number / 4 % 3}";
    }

    private sealed class SizedSearch(ShapeState state, long memoryBytes) : GroupSearch
    {
        private readonly GroupStates _states = state == ShapeState.Fresh ? GroupStates.Fresh : GroupStates.Resting;

        public override bool MayHold(in GroupBounds bounds) =>
            (bounds.States & _states) != 0 && bounds.Need.MemoryBytes <= memoryBytes;

        public override bool Wants(WaitingGroup group) =>
            group.Shape.State == state && group.Shape.Need.MemoryBytes <= memoryBytes;
    }
}
