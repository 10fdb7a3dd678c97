using GpuActors.Shared.Commands;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>How interactive sessions end.</summary>
[Collection(Executors.ExecutorCollection.Name)]
public sealed class InteractiveAttemptTests
{
    [Fact]
    public async Task A_session_tells_where_its_client_connects()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();

        session.Endpoint.Address.ShouldBe(fixture.Gateway.Address);
        session.Endpoint.Fingerprint.ShouldBeNull();
        File.Exists(session.Endpoint.LocalSocket).ShouldBeTrue();
        Guid.TryParse(session.Endpoint.Machine, out _).ShouldBeTrue();
        fixture.Pool.ProcessIds.ShouldBeEmpty(); // executors come with streams
    }

    [Fact]
    public async Task A_Goodbye_on_a_hold_connection_ends_the_session_and_what_it_runs()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var hold = await fixture.ConnectAsync(kind: ConnectionKind.Hold);
        await using var client = await fixture.OpenAsync();
        await KernelRun.LaunchAsync(client.Connection, KernelRun.Spin, 4);
        var process = fixture.Pool.ProcessIds.Single();

        await GatewayHandshake.WriteAsync(hold, new Goodbye(0, "done"), CancellationToken.None);
        var outcome = await session.Outcome.WithDeadline("the end of the session");

        outcome.Result.ShouldBe(AttemptResult.Completed);
        outcome.Log.ShouldContain("given it back");
        outcome.RunTime.ShouldBeGreaterThan(TimeSpan.Zero);
        Deadlines.IsListed(process).ShouldBeFalse();
        await client.Connection.Closed.WithDeadline("the end of the stream");
    }

    [Fact]
    public async Task A_session_that_is_given_back_after_its_programs_leaves_their_executors_to_the_tenants_next()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        for (var run = 0; run < 5; run++)
        {
            await using var session = await fixture.StartAsync();
            await using var hold = await fixture.ConnectAsync(kind: ConnectionKind.Hold);
            await using (var client = await fixture.OpenAsync())
            {
                (await client.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
            }

            await GatewayHandshake.WriteAsync(hold, new Goodbye(0, "done"), CancellationToken.None);
            (await session.Outcome.WithDeadline("the end of the session")).Result.ShouldBe(AttemptResult.Completed);
        }

        fixture.Pool.ReadUse().Starts.ShouldBeLessThan(4); // a machine that is very busy may cost one or two
    }

    [Fact]
    public async Task A_session_without_its_client_ends_after_its_lease_and_not_while_a_connection_is_there()
    {
        await using var fixture = GatewayFixture.Create();
        await using var held = await fixture.StartAsync("""{ "lease": "5s" }""", "acme/held");
        await using var hold = await fixture.ConnectAsync(
            ticket: fixture.Ticket("acme/held"), kind: ConnectionKind.Hold);
        await using var lost = await fixture.StartAsync("""{ "lease": "5s" }""");
        var client = await fixture.OpenAsync();
        await client.DisposeAsync();

        var outcome = await lost.Outcome.WithDeadline("the end of the session");

        outcome.Result.ShouldBe(AttemptResult.Completed);
        outcome.Log.ShouldContain("lease");
        outcome.RunTime.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
        held.Outcome.IsCompleted.ShouldBeFalse();
        await hold.DisposeAsync(); // without a Goodbye
        (await held.Outcome.WithDeadline("the end of the other session")).Log.ShouldContain("lease");
    }

    [Fact]
    public async Task A_session_without_commands_ends_though_its_client_is_there_and_one_that_computes_does_not()
    {
        await using var fixture = GatewayFixture.Create();
        const string terms = """{ "lease": null, "idleLimit": "10s" }""";
        await using var busy = await fixture.StartAsync(terms, "acme/busy");
        await using var worker = await fixture.OpenAsync(ticket: fixture.Ticket("acme/busy"));
        await KernelRun.LaunchAsync(worker.Connection, KernelRun.Spin, 4);
        await using var idle = await fixture.StartAsync(terms);
        await using var client = await fixture.OpenAsync(); // and no kernel: it would wait for its turn

        var outcome = await idle.Outcome.WithDeadline("the end of the session");

        outcome.Result.ShouldBe(AttemptResult.Completed);
        outcome.Log.ShouldContain("No command came for 10 s");
        busy.Outcome.IsCompleted.ShouldBeFalse();
        await client.Connection.Closed.WithDeadline("the end of the stream");
    }

    [Fact]
    public async Task A_stopped_session_ends_and_all_its_executors_are_gone()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var first = await fixture.OpenAsync();
        await using var second = await fixture.OpenAsync();
        await KernelRun.LaunchAsync(second.Connection, KernelRun.Spin, 4);
        var processes = fixture.Pool.ProcessIds;

        var outcome = await session.StopAsync();

        outcome.Result.ShouldBe(AttemptResult.Stopped);
        processes.Count.ShouldBe(2);
        processes.ShouldAllBe(id => !Deadlines.IsListed(id));
    }

    [Fact]
    public async Task A_session_over_its_time_limit_fails()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync(timeLimit: TimeSpan.FromSeconds(2));
        await using var client = await fixture.OpenAsync();

        var outcome = await session.Outcome.WithDeadline("the end of the session");

        outcome.Result.ShouldBe(AttemptResult.Failed);
        outcome.Error!.Kind.ShouldBe("timeLimit");
    }

    [Fact]
    public async Task A_client_that_waits_for_an_executor_and_leaves_gives_its_turn_up()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        await using var session = await fixture.StartAsync();
        await using var first = await fixture.OpenAsync();
        using (var patience = new CancellationTokenSource())
        {
            var waiting = fixture.ConnectAsync(); // accepted only when there is an executor
            await Deadlines.Until(() => fixture.Pool.ReadUse().Waiting == 1, "it waits for an executor");
            waiting.IsCompleted.ShouldBeFalse();
            await session.StopAsync();
            await Should.ThrowAsync<IOException>(waiting);
        }

        fixture.Pool.ReadUse().Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Without_an_executor_a_connect_is_refused_with_the_reason_and_the_session_goes_on()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with
        {
            StartTimeout = TimeSpan.FromMilliseconds(1),
        });
        await using var session = await fixture.StartAsync();

        var refused = await Should.ThrowAsync<GatewayRefusedException>(() => fixture.ConnectAsync());

        refused.Message.ShouldContain("executor");
        session.Outcome.IsCompleted.ShouldBeFalse();
    }
}
