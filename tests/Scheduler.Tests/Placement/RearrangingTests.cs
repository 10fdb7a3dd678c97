using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Rearranging;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>Moves that make room for what fits nowhere.</summary>
public sealed class RearrangingTests
{
    private readonly ClusterState _state = new();
    private readonly RunningTasks _tasks = new();
    private readonly PlacementEngine _engine;
    private readonly Rearranger _rearranger;

    public RearrangingTests()
    {
        _engine = new PlacementEngine(_state, new SpreadPolicy());
        _rearranger = new Rearranger(_engine, _tasks);
    }

    [Fact]
    public void The_smallest_task_whose_leaving_makes_room_moves()
    {
        Hosts(16, 1, 1, 1);
        Run(0, 1, 500);
        Run(1, 1, 300);
        Run(2, 1, 600);
        var found = Propose(2, 1000, moves: 1).ShouldNotBeNull();
        found.Moves.ShouldHaveSingleItem().From.Host.ShouldBe(1);
        (found.Place.Host, found.CostMilli).ShouldBe((1, 300));
    }

    [Fact]
    public void Two_tasks_may_leave_one_host()
    {
        Hosts(16, 2, 1, 1);
        Run(0, 1, 200, device: 0);
        Run(0, 1, 300, device: 1);
        Run(1, 1, 700);
        Run(2, 1, 800);
        var request = _engine.Classes.Intern(new PlacementRequest { CpuMilli = 1000, GpuCount = 2, GpuMilli = 1000 });
        _rearranger.Propose(request, 0, 1).ShouldBeNull();
        var found = _rearranger.Propose(request, 0, 2).ShouldNotBeNull();
        found.Moves.Select(move => move.To.Host).ShouldBe([1, 2], ignoreOrder: true);
    }

    [Fact]
    public void A_task_that_leaves_may_take_the_place_of_a_smaller_one()
    {
        _state.AddHost(new HostSpec(16_000, 1024, 1, "B"));
        Hosts(16, 1, 1);
        Run(0, 1, 600);
        Run(1, 1, 300);
        Run(1, 1, 300);
        Run(2, 1, 600);
        var request = _engine.Classes.Intern(
            new PlacementRequest { CpuMilli = 1000, GpuCount = 1, GpuMilli = 1000, Models = ModelSet.Of("B") });
        _rearranger.Propose(request, 0, 1).ShouldBeNull("600 fit nowhere else");
        var found = _rearranger.Propose(request, 0, 2).ShouldNotBeNull();
        found.Moves.Select(move => (move.From.DemandMilli, move.To.Host)).ShouldBe([(600, 1), (300, 2)]);
    }

    [Fact]
    public void Two_tasks_of_the_same_GPUs_change_places_to_free_CPU()
    {
        Hosts(16, 2, 1);
        Run(0, 14, 1000);
        Run(1, 4, 1000);
        var found = Propose(8, 1000, moves: 2).ShouldNotBeNull();
        found.Moves.Count.ShouldBe(2);
        found.Place.Host.ShouldBe(0);
        _rearranger.Apply(found);
        _engine.TryPlace(new PlacementRequest { CpuMilli = 8000, GpuCount = 1, GpuMilli = 1000 }, out _).ShouldBeTrue();
        _state.CpuFreeMilli(0).ShouldBe(4000);
        _state.CpuFreeMilli(1).ShouldBe(2000);
    }

    [Fact]
    public void Proposals_change_nothing_stay_within_their_bound_and_make_room_without_giving_anything_twice() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 1 << 20).ListOf(80)), numbers =>
        {
            var cluster = new Churn();
            foreach (var number in numbers)
            {
                cluster.Step(number);
            }
        }).QuickCheckThrowOnFailure();

    private void Hosts(int cpu, params int[] gpus) =>
        Array.ForEach(gpus, count => _state.AddHost(new HostSpec(cpu * 1000, 1024, count, "A")));

    private void Run(int host, int cpu, int milli, int device = 0)
    {
        var asked = _engine.Classes.Intern(new PlacementRequest { CpuMilli = cpu * 1000, GpuCount = 1, GpuMilli = milli });
        var placed = new PlacedTask(host, 1UL << device, milli, cpu * 1000, 0);
        _state.Take(placed);
        _tasks.Add(asked, placed);
    }

    private Rearrangement? Propose(int cpu, int milli, int moves) => _rearranger.Propose(
        _engine.Classes.Intern(new PlacementRequest { CpuMilli = cpu * 1000, GpuCount = 1, GpuMilli = milli }), 0, moves);

    private sealed class Churn
    {
        private static readonly (int Gpus, int Milli)[] Shapes = [(0, 0), (1, 190), (1, 470), (1, 810), (1, 1000), (2, 1000)];

        private readonly ClusterState _state = new();
        private readonly RunningTasks _tasks = new();
        private readonly PlacementEngine _engine;
        private readonly Rearranger _rearranger;
        private readonly List<int> _running = [];

        public Churn()
        {
            for (var i = 0; i < 6; i++)
            {
                _state.AddHost(new HostSpec(4000 * (1 + (i % 3)), 64, 1 + (i % 4), i % 2 == 0 ? "A" : "B"));
            }

            _engine = new PlacementEngine(_state, new SpreadPolicy());
            _rearranger = new Rearranger(_engine, _tasks);
        }

        public void Step(int number)
        {
            if (number % 7 == 0 && _running.Count > 0)
            {
                var index = number / 7 % _running.Count;
                _state.Release(_tasks.PlacedOf(_running[index]));
                _tasks.Remove(_running[index]);
                _running.RemoveAt(index);
                return;
            }

            var (gpus, milli) = Shapes[number / 7 % Shapes.Length];
            var request = new PlacementRequest
            {
                CpuMilli = 500 * (1 + (number / 42 % 6)),
                HostMemoryMib = number / 252 % 24,
                GpuCount = gpus,
                GpuMilli = milli,
                Models = ModelSet.Parse(number / 6048 % 4 == 0 ? "A" : ""),
            };
            var asked = _engine.Classes.Intern(request);
            if (!_engine.TryPlace(request, out var placed) && !TryMakeRoom(asked, request.HostMemoryMib, number % 3, out placed))
            {
                return;
            }

            _running.Add(_tasks.Add(asked, placed));
            Check();
        }

        private bool TryMakeRoom(RequestClass asked, int memory, int moves, out PlacedTask placed)
        {
            var before = Picture();
            var found = _rearranger.Propose(asked, memory, moves);
            Picture().ShouldBe(before);
            placed = default;
            if (found is null)
            {
                return false;
            }

            found.Moves.Count.ShouldBeInRange(1, moves);
            _rearranger.Apply(found);
            placed = found.Place;
            _state.Take(placed); // throws if anything were given twice
            return true;
        }

        private string Picture() => string.Join(';', Enumerable.Range(0, _state.HostCount).Select(host =>
            $"{_state.CpuFreeMilli(host)} {_state.MemoryFreeMib(host)} {string.Join(',', _state.View(host).GpuFreeMilli.ToArray())}"));

        private void Check()
        {
            var tasks = _running.Select(_tasks.PlacedOf).ToArray();
            for (var host = 0; host < _state.HostCount; host++)
            {
                var here = Array.FindAll(tasks, task => task.Host == host);
                _state.CpuFreeMilli(host).ShouldBe(_state.SpecOf(host).CpuMilli - here.Sum(task => task.CpuMilli));
                _state.MemoryFreeMib(host).ShouldBe(_state.SpecOf(host).MemoryMib - here.Sum(task => task.HostMemoryMib));
                var free = _state.View(host).GpuFreeMilli.ToArray();
                for (var gpu = 0; gpu < free.Length; gpu++)
                {
                    ((int)free[gpu]).ShouldBe(1000 - here.Where(task => (task.Devices >> gpu & 1) != 0).Sum(task => task.GpuMilli));
                }
            }

            Array.TrueForAll(tasks, task => _state.CpuFreeMilli(task.Host) >= 0).ShouldBeTrue();
        }
    }
}
