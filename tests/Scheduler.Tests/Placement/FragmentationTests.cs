using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>F_n(M), against the values of an independent implementation and against its definition.</summary>
public sealed class FragmentationTests
{
    private static readonly (int Cpu, short[] Free, string Model)[] Hosts =
    [
        (96_000, [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000], "G2"),
        (104_000, [1000, 1000], "T4"),
        (8000, [1000], "V100M16"),
        (10_000, [190, 530, 0, 1000], "V100M32"),
        (3000, [60, 1000], "P100"),
        (50_000, [810, 470, 350, 190, 1000, 0, 0, 0], "G2"),
    ];

    [Theory]
    [InlineData("default", 1087.8187, 271.9547, 605.2022, 1221.9701, 1060.0000, 1541.9148)]
    [InlineData("gpuspec33", 2935.5713, 493.7379, 707.1659, 1349.8347, 1057.8050, 1876.4416)]
    public void Fragmentation_has_the_published_definitions_values(string trace, params double[] expected)
    {
        var models = new ModelTable();
        var fragmentation = new Fragmentation(TargetOf(trace), models);
        for (var i = 0; i < Hosts.Length; i++)
        {
            var (cpu, free, model) = Hosts[i];
            fragmentation.Of(new HostView(cpu, models.IndexOf(model), free)).ShouldBe(expected[i], 0.00005);
        }
    }

    [Theory]
    [InlineData("default", 30, 0.135977)]
    [InlineData("gpuspec33", 117, 0.139574)]
    public void The_target_workload_has_the_most_frequent_classes(string trace, int gpuClasses, double withoutGpu)
    {
        var target = TargetOf(trace);
        target.Classes.Count(c => c.Class.GpuCount > 0).ShouldBe(gpuClasses);
        target.Classes.Where(c => c.Class.GpuCount == 0).Sum(c => c.Popularity).ShouldBe(withoutGpu, 5e-7);
    }

    [Fact]
    public void Tables_agree_with_the_definition_for_any_workload_and_host() =>
        Prop.ForAll(Arb.From(Cases()), c =>
        {
            var models = new ModelTable();
            var host = new HostView(c.Cpu, models.IndexOf(c.Model), c.Free);
            var fragmentation = new Fragmentation(c.Target, models);
            var expected = ByDefinition(c.Target, c.Cpu, c.Model, c.Free);
            Math.Abs(fragmentation.Of(host) - expected).ShouldBeLessThan(1e-6);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_score_of_a_placement_is_the_sigmoid_of_the_decrease_by_definition() =>
        Prop.ForAll(Arb.From(Cases()), c =>
        {
            var models = new ModelTable();
            var policy = new FgdPolicy(c.Target, models);
            var classes = new RequestClasses(models);
            var host = new HostView(c.Cpu, models.IndexOf(c.Model), c.Free);
            foreach (var (request, _) in c.Target.Classes)
            {
                if (request.CpuMilli <= c.Cpu && c.Free.Count(f => f >= request.GpuMilli) >= request.GpuCount)
                {
                    Check(policy, host, classes.Intern(request), c);
                }
            }
        }).QuickCheckThrowOnFailure();

    private static void Check(FgdPolicy policy, in HostView host, RequestClass request, Case c)
    {
        var before = ByDefinition(c.Target, c.Cpu, c.Model, c.Free);
        var (best, bestDevice) = (-1, -1);
        for (var device = 0; device < c.Free.Length; device++)
        {
            var after = c.Free.ToArray();
            if (request.IsShare)
            {
                after[device] -= (short)request.GpuMilli;
            }
            else
            {
                var fitting = Enumerable.Range(0, after.Length).Where(i => after[i] >= request.GpuMilli);
                foreach (var i in fitting.Take(request.GpuCount).ToArray())
                {
                    after[i] -= (short)request.GpuMilli;
                }
            }

            var score = after[device] < 0 ? -1 : FgdScale.Exact(
                (before - ByDefinition(c.Target, c.Cpu - request.CpuMilli, c.Model, after)) / 1000);
            (best, bestDevice) = score > best ? (score, device) : (best, bestDevice);
        }

        // At the border between two values the order of a sum decides.
        policy.Score(host, request).ShouldBeInRange(best - 1, best + 1);
        if (request.IsShare)
        {
            c.Free[policy.ChooseDevice(host, request)].ShouldBeGreaterThanOrEqualTo((short)request.GpuMilli);
        }
    }

    private static double ByDefinition(TargetWorkload target, int cpu, string model, short[] free) =>
        target.Classes.Sum(c =>
        {
            var task = c.Class;
            var hosts = task.Models.Contains(model) && cpu >= task.CpuMilli
                && free.Count(f => f >= task.GpuMilli) >= task.GpuCount;
            return c.Popularity
                * (task.GpuCount == 0 || !hosts ? free.Sum(f => f) : free.Where(f => f < task.GpuMilli).Sum(f => f));
        });

    private static TargetWorkload TargetOf(string trace) =>
        TargetWorkload.Of(OpenbFiles.Tasks(trace).Select(task => task.Request));

    private static Gen<Case> Cases() =>
        from classes in RequestsGen().NonEmptyListOf()
        from cpu in Gen.Choose(0, 20)
        from free in Gen.Elements<short>(0, 60, 190, 500, 810, 1000, 1000, 1000).ListOf(4)
        from model in Gen.Elements("A", "B")
        select new Case(
            TargetWorkload.OfCounts(classes.Distinct().Select((request, i) => (request, (double)(i + 1))), 1),
            cpu * 500, model, [.. free]);

    private static Gen<PlacementRequest> RequestsGen() =>
        from cpu in Gen.Choose(0, 16)
        from shape in Gen.Elements((0, 0), (1, 60), (1, 500), (1, 810), (1, 1000), (2, 1000), (4, 1000), (2, 300), (3, 810))
        from models in Gen.Elements("", "A", "B", "A|B")
        select new PlacementRequest
        {
            CpuMilli = cpu * 500, GpuCount = shape.Item1, GpuMilli = shape.Item2, Models = ModelSet.Parse(models),
        };

    private sealed record Case(TargetWorkload Target, int Cpu, string Model, short[] Free);
}
