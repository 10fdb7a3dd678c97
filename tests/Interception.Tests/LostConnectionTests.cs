using GpuActors.Interception.Tests.Hosting;

namespace GpuActors.Interception.Tests;

/// <summary>Unmodified programs whose connection to their executor is lost.</summary>
[Collection(SessionTests.Name)]
public sealed class LostConnectionTests(SessionFixture fixture)
{
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_program_computes_the_same_over_connections_that_break(bool tls, int seed)
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using GrantedSession session = await GrantedSession.StartAsync(tls: tls);
        var random = new Random(seed);
        int breaks = 30; // then one that lasts: what the program says last must not be what is lost
        await using var proxy = new CuttingProxy(
            session.Address,
            () => breaks-- <= 0 ? long.MaxValue
                : random.Next(5) == 0 ? random.Next(500, 5_000) : random.Next(5_000, 4_000_000));

        ProgramResult result = await fixture.RunAsync(
            program, ["10000"], grant: await session.GrantByAsync(proxy.Address));

        result.Output.ShouldBe("right\n", result.ToString());
        result.ExitCode.ShouldBe(0);
        result.Errors.ShouldBeEmpty();
        proxy.Connections.ShouldBeGreaterThan(5);
        await Until(() => session.Use.Streams == 0, "the stream ends with the program"); // not 30 s later
    }

    [Fact]
    public async Task A_program_waits_while_nothing_comes_through()
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using var proxy = new CuttingProxy(fixture.Session.Address, () => long.MaxValue);
        Task<ProgramResult> running = await StartAsync(program, await fixture.Session.GrantByAsync(proxy.Address));

        proxy.IsPaused = true;
        await Task.Delay(TimeSpan.FromSeconds(1)); // what the test is about
        running.IsCompleted.ShouldBeFalse();
        proxy.IsPaused = false;
        ProgramResult result = await running;

        result.Output.ShouldBe("right\n", result.ToString());
        proxy.Connections.ShouldBe(1);
    }

    [Fact]
    [Trait("group", "nightly")]
    public async Task A_program_goes_on_after_ten_seconds_without_network_at_the_end_of_which_the_connection_is_lost()
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using var proxy = new CuttingProxy(fixture.Session.Address, () => long.MaxValue);
        Task<ProgramResult> running = await StartAsync(program, await fixture.Session.GrantByAsync(proxy.Address));

        proxy.IsPaused = true;
        await Task.Delay(TimeSpan.FromSeconds(10)); // what the test is about
        proxy.Cut();
        proxy.IsPaused = false;
        ProgramResult result = await running;

        result.Output.ShouldBe("right\n", result.ToString());
        proxy.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task A_program_whose_executor_is_killed_does_not_connect_again()
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using var proxy = new CuttingProxy(fixture.Session.Address, () => long.MaxValue);
        Task<ProgramResult> running = await StartAsync(program, await fixture.Session.GrantByAsync(proxy.Address));

        fixture.Session.KillExecutors();
        ProgramResult result = await running;

        result.ExitCode.ShouldBe(1, result.ToString());
        result.Output.ShouldContain("failed: -5");
        result.Errors.ShouldContain("stream has ended");
    }

    [Fact]
    public async Task A_program_that_cannot_connect_again_gets_errors_and_leaves_no_executor_behind()
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using GrantedSession session = await GrantedSession.StartAsync(resumeTime: TimeSpan.FromSeconds(3));
        await using var proxy = new CuttingProxy(session.Address, () => long.MaxValue);
        Task<ProgramResult> running = await StartAsync(program, await session.GrantByAsync(proxy.Address));

        proxy.Refuse();
        ProgramResult result = await running;

        result.ExitCode.ShouldBe(1, result.ToString());
        result.Output.ShouldContain("failed: -5");
        result.Errors.ShouldContain("Trying to connect again, for 3 s");
        result.Errors.ShouldContain("could not be made again within 3 s");
        await Until(() => session.Use.Streams == 0 && session.Pool.ReadUse().Busy == 0, "no executor is in use");
    }

    [Fact]
    public async Task Without_time_to_resume_a_lost_connection_is_an_error_at_once()
    {
        string program = await ProgramRun.CompileAsync("increments");
        await using GrantedSession session = await GrantedSession.StartAsync(resumeTime: TimeSpan.Zero);
        await using var proxy = new CuttingProxy(session.Address, () => long.MaxValue);
        Task<ProgramResult> running = await StartAsync(program, await session.GrantByAsync(proxy.Address));

        proxy.Cut();
        ProgramResult result = await running;

        result.Output.ShouldContain("failed: -5", customMessage: result.ToString());
        proxy.Connections.ShouldBe(1);
        await Until(() => session.Use.Streams == 0, "the stream ends");
    }

    /// <summary>A program that runs for long, once it launches.</summary>
    private async Task<Task<ProgramResult>> StartAsync(string program, string grant)
    {
        string launching = Path.Combine(AppContext.BaseDirectory, Path.GetRandomFileName());
        Task<ProgramResult> running = fixture.RunAsync(program, ["40000", launching], grant: grant);
        await Until(() => File.Exists(launching) || running.IsCompleted, "the program launches");
        File.Delete(launching);
        return running;
    }

    private static async Task Until(Func<bool> holds, string what)
    {
        DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        while (!holds())
        {
            (DateTime.UtcNow < end).ShouldBeTrue($"waited 20 s until {what}");
            await Task.Delay(10);
        }
    }
}
