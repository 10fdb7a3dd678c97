using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

public class JobCommandsTests
{
    private static readonly ProgramDescription Program = new([
        new KernelDescription("f", "", default, 64, 1, 0, 0, [
            new ParameterDescription("x", "int*", ArgumentKind.Memory, default, AccessQualifier.None, default),
            new ParameterDescription(
                "v", "int", ArgumentKind.Value, AddressQualifier.Private, AccessQualifier.None, default),
        ]),
    ]);

    [Fact]
    public void Repeats_become_their_rounds_with_the_counters_values()
    {
        var job = new TestJob("-").Buffer("x", 64).Step(new RepeatStep(2, [
            new RepeatStep(3, [Launch("i * 10 + j")]) { Counter = "j" },
        ]) { Counter = "i" });

        var values = CommandsOf(job).Select(c => c.Command).OfType<LaunchKernel>()
            .Select(launch => launch.Arguments.Span[1].Number);

        values.ShouldBe([0UL, 1, 2, 10, 11, 12]);
    }

    [Fact]
    public void Every_step_ends_with_exactly_one_command()
    {
        var job = new TestJob("-").Buffer("x", 3 << 20).Output("o", new JobOutput()).Step(
            new RepeatStep(4, [Launch("0"), new ReadStep("x", "o")]));

        var plan = JobPlan.Of(job.Build());
        var commands = CommandsOf(job).ToArray();

        commands.Count(c => c.EndsStep).ShouldBe((int)plan.TotalSteps);
        commands.Count(c => c.Command is ReadBuffer).ShouldBe(4 * 3);
    }

    [Fact]
    public void Memory_made_in_a_round_is_released_at_its_end()
    {
        var job = new TestJob("-").Buffer("x", 4).Step(new RepeatStep(2, [
            new CreateStep("a", new JobBuffer { Size = 4 }), new CreateStep("b", new JobBuffer { Size = 4 }),
            new ReleaseStep("a"), Launch("0"),
        ]));

        var commands = CommandsOf(job).Select(c => c.Command.GetType().Name);

        string[] round = ["CreateBuffer", "CreateBuffer", "Release", "LaunchKernel", "Release"];
        commands.ShouldBe(["CreateKernel", "CreateBuffer", .. round, .. round]);
    }

    [Fact]
    public void A_thousand_million_steps_are_made_one_by_one()
    {
        var job = new TestJob("-").Buffer("x", 4).Step(new RepeatStep(1_000_000_000, [Launch("i")]) { Counter = "i" });

        CommandsOf(job).Take(1000).Count().ShouldBe(1000);
    }

    [Fact]
    public void A_large_input_is_written_in_parts_that_cover_it()
    {
        var job = new TestJob("-").Input("i", new BlobInput(new string('a', 64), 2_500_000)).Buffer("x", 3_000_000)
            .Step(new WriteStep("x", "i") { Offset = 100, InputOffset = 50 });

        var writes = CommandsOf(job).Where(c => c.Command is WriteBuffer).ToArray();

        writes.Select(w => w.InputOffset).ShouldBe([50L, 1_048_626, 2_097_202]);
        writes.Select(w => ((WriteBuffer)w.Command).Offset).ShouldBe([100UL, 1_048_676, 2_097_252]);
        writes.Sum(w => w.SizeBytes).ShouldBe(2_499_950);
    }

    [Fact]
    public void The_same_document_makes_the_same_commands()
    {
        var job = new TestJob("-").Buffer("x", 64).Buffer("y", 64).Step(
            new RepeatStep(3, [Launch("i"), new CopyStep("x", "y") { Size = "4 * (i + 1)" }]) { Counter = "i" });

        CommandsOf(job).Select(c => $"{c.Command}").ShouldBe(CommandsOf(job).Select(c => $"{c.Command}"));
    }

    private static LaunchStep Launch(string value) => TestJob.Launched("f", [1], null, "x", JobArgument.Int(value));

    private static IEnumerable<JobCommand> CommandsOf(TestJob job)
    {
        var plan = JobPlan.Of(job.Build());
        var commands = new JobCommands(plan, new JobObjects(plan), new PlanState(plan));
        return commands.CreateKernels([Program]).Concat(commands.Run());
    }
}
