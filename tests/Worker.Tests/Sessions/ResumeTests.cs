using System.Diagnostics;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>Streams that lose their connections.</summary>
[Collection(Executors.ExecutorCollection.Name)]
public sealed class ResumeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_goes_on_over_another_connection_with_the_same_executor(bool tls)
    {
        await using var fixture = GatewayFixture.Create(tls: tls);
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture, session.Endpoint.Fingerprint);
        client.KeepMilliseconds.ShouldBe(300_000u);
        await KernelRun.LaunchAsync(client.Commands.Connection, KernelRun.Square, 4);
        var process = fixture.Pool.ProcessIds;

        for (var i = 0; i < 3; i++)
        {
            client.Cut();
            await Deadlines.Until(() => Use(fixture).Lost == 1, "the loss is noticed");
            client.MayReconnect();
            (await KernelRun.ReadAsync(client.Commands.Connection, 4).WithDeadline("the data")).ShouldBe([0u, 1u, 4u, 9u]);
        }

        await Deadlines.Until(() => Use(fixture) is { Lost: 0, Resumed: 3, Streams: 1 }, "it goes on");
        fixture.Pool.ProcessIds.ShouldBe(process);
    }

    [Fact]
    public async Task What_is_under_way_when_a_connection_breaks_arrives_once()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        var stream = client.Commands.Connection;
        await KernelRun.LaunchAsync(
            stream, "kernel void k(global uint *out) { out[get_global_id(0)] += 1; }", 4);
        var written = new byte[9 << 20];
        new Random(5).NextBytes(written);
        await stream.SendAsync(new CreateBuffer(50, 1, (ulong)written.Length));

        for (var i = 0; i < 20; i++)
        {
            client.MayReconnect();
        }

        using var stop = new CancellationTokenSource();
        var cuts = CutOftenAsync(client, stop.Token);
        var read = new byte[written.Length];
        for (var i = 0; i < 4; i++)
        {
            await stream.SendAsync(new WriteBuffer(2, 50, 0, (ulong)written.Length), written);
            await stream.ReadAsync(new ReadBuffer(2, 50, 0, (ulong)read.Length), read).WithDeadline("the data");
            read.AsSpan().SequenceEqual(written).ShouldBeTrue();
        }

        await stop.CancelAsync();
        await cuts;
        (await KernelRun.ReadAsync(stream, 4).WithDeadline("the counts")).ShouldBe([1u, 1u, 1u, 1u]);
        Use(fixture).Resumed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_connection_that_still_looks_alive_is_replaced()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        var old = client.Records.Link!;

        await client.ConnectAsync(ConnectionKind.Resume, new Opening(client.Records.Received, client.Records.Received)); // nobody has broken the first one
        client.MayReconnect();

        (await client.Commands.SquareAsync(3).WithDeadline("the squares")).ShouldBe([0u, 1u, 4u]);
        client.Records.Link.ShouldNotBe(old);
        await Deadlines.Until(() => Use(fixture).Streams == 1, "it is one stream");
    }

    [Fact]
    public async Task Streams_that_are_not_the_sessions_are_not_resumed()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var other = await fixture.StartAsync(session: "acme/other");
        await using var client = await RecordClient.OpenAsync(fixture);

        var unknown = await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(kind: ConnectionKind.Resume));
        var foreign = await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(
                kind: ConnectionKind.Resume, stream: client.Id, ticket: fixture.Ticket(session: "acme/other")));
        var twice = await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(kind: ConnectionKind.Resumable, stream: client.Id));

        unknown.Code.ShouldBe(OpenClErrors.SessionRefused);
        unknown.Message.ShouldBe("The program's stream has ended.");
        foreign.Message.ShouldBe("The program's stream has ended.");
        twice.Message.ShouldContain("same id");
        (await client.Commands.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
    }

    [Fact]
    public async Task A_position_that_cannot_be_ends_the_stream_and_nothing_else()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        var process = fixture.Pool.ProcessIds;

        await using var stream = await fixture.ConnectAsync(kind: ConnectionKind.Resume, stream: client.Id);
        var opening = new byte[RecordHeader.SizeBytes + RecordHeader.OpenBytes];
        new RecordHeader(RecordKind.Open, RecordHeader.OpenBytes, 1UL << 40).Write(opening);
        opening[^4] = 99; // newer than any
        await stream.WriteAsync(opening);

        await Deadlines.Until(() => Use(fixture).Streams == 0, "the stream has ended");
        await using var next = await fixture.OpenAsync();
        (await next.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        fixture.Pool.ProcessIds.ShouldBe(process);
    }

    [Fact]
    public async Task A_stream_that_is_not_resumed_in_time_ends_and_leaves_its_executor_to_the_next()
    {
        await using var fixture = GatewayFixture.Create(
            settings => settings with { MaxTotal = 1 }, resumeTime: TimeSpan.FromMilliseconds(300));
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        await KernelRun.LaunchAsync(client.Commands.Connection, KernelRun.Square, 4096);

        client.Cut();
        await Deadlines.Until(() => Use(fixture).Streams == 0, "the stream has ended");
        await fixture.AllFreeAsync();

        (await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(kind: ConnectionKind.Resume, stream: client.Id))).Message.ShouldContain("has ended");
        await using var next = await fixture.OpenAsync();
        (await KernelRun.ReadFreshBufferAsync(next.Connection, 4096)).ShouldAllBe(value => value == 0);
        fixture.Pool.ReadUse().Starts.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_says_that_it_will_not_come_again_ends_its_stream_at_once(bool isBusy)
    {
        await using var fixture = GatewayFixture.Create(
            settings => settings with { ResetTimeout = TimeSpan.FromMilliseconds(200) });
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        if (isBusy)
        {
            await KernelRun.LaunchAsync(client.Commands.Connection, KernelRun.Spin, 4);
            await client.Commands.Connection.SendAsync(new Finish(2));
            await client.Commands.Connection.FlushAsync();
        }

        client.Records.SayLast();
        client.Cut();

        await Deadlines.Until(() => Use(fixture).Streams == 0, "the stream has ended");
        await fixture.AllFreeAsync();
    }

    [Fact]
    public async Task An_executor_that_dies_while_its_stream_has_no_connection_ends_it()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        client.Cut();
        await Deadlines.Until(() => Use(fixture).Lost == 1, "the loss is noticed");

        using (var process = Process.GetProcessById(fixture.Pool.ProcessIds.Single()))
        {
            process.Kill();
        }

        await Deadlines.Until(() => Use(fixture).Streams == 0, "the stream has ended");
        await Should.ThrowAsync<GatewayRefusedException>(
            () => fixture.ConnectAsync(kind: ConnectionKind.Resume, stream: client.Id));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(4, 1)]
    public async Task A_stream_without_connection_makes_way_when_there_is_no_other_room(int executors, int maxStreams)
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = executors }, maxStreams);
        await using var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        client.Cut();
        await Deadlines.Until(() => Use(fixture).Lost == 1, "the loss is noticed");

        await using var next = await fixture.OpenAsync();

        (await next.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        await Deadlines.Until(() => Use(fixture) is { Streams: 1, Lost: 0 }, "the other one has ended");
    }

    [Fact]
    public async Task A_session_that_ends_does_not_wait_for_lost_connections()
    {
        await using var fixture = GatewayFixture.Create();
        var session = await fixture.StartAsync();
        await using var client = await RecordClient.OpenAsync(fixture);
        client.Cut();
        await Deadlines.Until(() => Use(fixture).Lost == 1, "the loss is noticed");

        await session.StopAsync();

        await fixture.AllFreeAsync();
        await session.DisposeAsync();
    }

    private static GpuActors.Worker.Sessions.SessionUse Use(GatewayFixture fixture) =>
        fixture.Gateway.ReadUse().Sessions.Single(session => session.Session == GatewayFixture.Session);

    private static async Task CutOftenAsync(RecordClient client, CancellationToken stop)
    {
        var random = new Random(7);
        for (var i = 0; i < 15 && !stop.IsCancellationRequested; i++)
        {
            await Task.Delay(random.Next(5, 40), CancellationToken.None);
            client.Cut();
        }
    }
}
