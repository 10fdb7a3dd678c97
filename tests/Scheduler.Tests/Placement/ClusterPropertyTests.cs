using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>Laws of the engine under any sequence of placements and releases, for every policy.</summary>
public sealed class ClusterPropertyTests
{
    private static readonly HostSpec[] Specs =
        [new(8000, 64, 4, "A"), new(16_000, 32, 2, "B"), new(4000, 128, 1, "A"), new(32_000, 256, 8, "C"), new(2000, 8, 0, "")];

    [Fact]
    public void Nothing_is_given_twice_and_all_comes_back() => ForAllRuns((run, policy) =>
    {
        var cluster = new Cluster(run, policy);
        foreach (var step in run.Steps)
        {
            cluster.Do(step);
            cluster.CheckAgainstTasks();
        }

        cluster.ReleaseAll();
        cluster.State.GpuFreeMilli.ShouldBe(cluster.State.GpuMilli);
    });

    [Fact]
    public void Kept_scores_choose_what_a_scan_of_all_hosts_would() => ForAllRuns((run, policy) =>
    {
        if (policy == "random")
        {
            return;
        }

        var cluster = new Cluster(run, policy);
        foreach (var step in run.Steps)
        {
            if (step.Request is { } request)
            {
                cluster.Choose(request).ShouldBe(cluster.ChooseByScan(request));
            }

            cluster.Do(step);
        }
    });

    [Fact]
    public void A_request_finds_room_exactly_when_some_host_has_it() => ForAllRuns((run, policy) =>
    {
        var cluster = new Cluster(run, policy);
        foreach (var step in run.Steps)
        {
            if (step.Request is { } request)
            {
                (cluster.Choose(request) is not null).ShouldBe(cluster.HasRoom(request));
            }

            cluster.Do(step);
        }
    });

    private static void ForAllRuns(Action<Run, string> check)
    {
        foreach (var policy in PlacementPolicies.Names)
        {
            Prop.ForAll(Arb.From(Runs()), run => check(run, policy)).QuickCheckThrowOnFailure();
        }
    }

    private static Gen<Run> Runs() =>
        from hosts in Gen.Choose(0, Specs.Length - 1).ListOf().Where(list => list.Count is > 0 and < 200)
        from copies in Gen.Choose(1, 30)
        from steps in Steps().ListOf(60)
        select new Run([.. Enumerable.Repeat(hosts, copies).SelectMany(h => h).Take(200)], [.. steps]);

    private static Gen<Step> Steps() => Gen.Frequency(
        (3, Requests().Select(request => new Step(request, 0))),
        (1, Gen.Choose(0, 1000).Select(which => new Step(null, which))));

    private static Gen<PlacementRequest> Requests() =>
        from cpu in Gen.Choose(0, 8)
        from memory in Gen.Choose(0, 64)
        from shape in Gen.Elements((0, 0), (1, 60), (1, 190), (1, 500), (1, 810), (1, 1000), (2, 1000), (4, 1000), (2, 300))
        from models in Gen.Elements("", "", "A", "B|C", "X")
        select new PlacementRequest
        {
            CpuMilli = cpu * 500,
            HostMemoryMib = memory,
            GpuCount = shape.Item1,
            GpuMilli = shape.Item2,
            Models = ModelSet.Parse(models),
        };

    private sealed record Step(PlacementRequest? Request, int Released);

    private sealed record Run(int[] Hosts, Step[] Steps);

    private sealed class Cluster
    {
        private readonly PlacementEngine _engine;
        private readonly List<PlacedTask> _tasks = [];
        private readonly HostSpec[] _specs;

        public Cluster(Run run, string policy)
        {
            _specs = [.. run.Hosts.Select(i => Specs[i])];
            Array.ForEach(_specs, spec => State.AddHost(spec));
            var target = TargetWorkload.Of(run.Steps.Select(s => s.Request).OfType<PlacementRequest>());
            _engine = new PlacementEngine(
                State, PlacementPolicies.Create(policy, new PolicySettings(State) { Target = target }), bytesPerGpu: 0);
        }

        public ClusterState State { get; } = new();

        public void Do(Step step)
        {
            if (step.Request is { } request)
            {
                if (_engine.TryPlace(request, out var placed))
                {
                    _tasks.Add(placed);
                }
            }
            else if (_tasks.Count > 0)
            {
                var index = step.Released % _tasks.Count;
                _engine.Release(_tasks[index]);
                _tasks.RemoveAt(index);
            }
        }

        public PlacedTask? Choose(PlacementRequest request) =>
            _engine.TryChoose(_engine.Classes.Intern(request), request.HostMemoryMib, out var place) ? place : null;

        public PlacedTask? ChooseByScan(PlacementRequest request)
        {
            var asked = _engine.Classes.Intern(request);
            var (best, bestScore) = (-1, int.MinValue);
            for (var host = 0; host < State.HostCount; host++)
            {
                if (Fits(host, request) && _engine.Policy.Score(State.View(host), asked) is var score && score > bestScore)
                {
                    (best, bestScore) = (host, score);
                }
            }

            return best < 0 ? null : _engine.On(best, asked, request.HostMemoryMib);
        }

        public bool HasRoom(PlacementRequest request) =>
            Enumerable.Range(0, State.HostCount).Any(host => Fits(host, request));

        public void CheckAgainstTasks()
        {
            var onHost = _tasks.ToLookup(task => task.Host);
            for (var host = 0; host < _specs.Length; host++)
            {
                State.CpuFreeMilli(host).ShouldBe(_specs[host].CpuMilli - onHost[host].Sum(task => task.CpuMilli));
                State.CpuFreeMilli(host).ShouldBeGreaterThanOrEqualTo(0);
                State.MemoryFreeMib(host).ShouldBe(_specs[host].MemoryMib - onHost[host].Sum(task => task.HostMemoryMib));
                State.MemoryFreeMib(host).ShouldBeGreaterThanOrEqualTo(0);
                var free = State.View(host).GpuFreeMilli;
                for (var gpu = 0; gpu < free.Length; gpu++)
                {
                    var used = onHost[host].Where(task => (task.Devices >> gpu & 1) != 0).Sum(task => task.GpuMilli);
                    ((int)free[gpu]).ShouldBe(1000 - used);
                    used.ShouldBeLessThanOrEqualTo(1000);
                }
            }
        }

        public void ReleaseAll() => _tasks.ForEach(task => _engine.Release(task));

        private bool Fits(int host, PlacementRequest request)
        {
            var fitting = 0;
            foreach (var free in State.View(host).GpuFreeMilli)
            {
                fitting += free >= request.GpuMilli ? 1 : 0;
            }

            return State.CpuFreeMilli(host) >= request.CpuMilli && State.MemoryFreeMib(host) >= request.HostMemoryMib
                && request.Models.Contains(_specs[host].Model) && fitting >= request.GpuCount;
        }
    }
}
