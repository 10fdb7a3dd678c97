using System.Diagnostics;
using System.Net.Sockets;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>Clients' streams through the gateway, served by real executors.</summary>
[Collection(Executors.ExecutorCollection.Name)]
public sealed class GatewayStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_runs_a_kernel(bool local)
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await fixture.OpenAsync(local);

        (await client.SquareAsync(4)).ShouldBe([0u, 1u, 4u, 9u]);
        client.Connection.Welcome.Session.ShouldBe(GatewayFixture.Session);
        client.Connection.Welcome.Epoch.ShouldBe((ulong)GatewayFixture.Epoch);
        client.Connection.Welcome.Devices.Single().MemoryBytes.ShouldBe(64UL << 20);
    }

    [Fact]
    public async Task A_client_reads_back_megabytes_that_it_wrote_and_hears_what_kernels_print()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await fixture.OpenAsync();
        var stream = client.Connection;
        var written = new byte[24 << 20];
        new Random(3).NextBytes(written);
        await KernelRun.LaunchAsync(
            stream, """kernel void k(global uint *out) { printf("here %d\n", 42); out[0] = 1; }""", 1);
        await stream.SendAsync(new CreateBuffer(50, 1, (ulong)written.Length));

        await stream.SendAsync(new WriteBuffer(2, 50, 0, (ulong)written.Length), written);
        var read = new byte[written.Length];
        await stream.ReadAsync(new ReadBuffer(2, 50, 0, (ulong)read.Length), read).WithDeadline("the data");

        read.AsSpan().SequenceEqual(written).ShouldBeTrue();
        client.Heard.Printed.ShouldBe("here 42\n");
        await stream.RequestAsync(default(Fence)); // with the next command the executor notes what it has sent
        var use = fixture.Gateway.ReadUse().Sessions.Single();
        use.Streams.ShouldBe(1);
        use.Totals.BytesIn.ShouldBeGreaterThan(written.Length);
        use.Totals.BytesOut.ShouldBeGreaterThan(written.Length);
    }

    [Fact]
    public async Task Over_the_network_a_stream_is_encrypted_where_the_settings_say_so_and_the_certificate_is_the_attempts()
    {
        await using var fixture = GatewayFixture.Create(tls: true);
        await using var session = await fixture.StartAsync();
        await using var other = await fixture.StartAsync(session: "acme/other");
        var fingerprint = session.Endpoint.Fingerprint.ShouldNotBeNull();
        var written = new byte[5 << 20];
        new Random(4).NextBytes(written);

        await using var client = await fixture.OpenAsync(fingerprint: fingerprint);
        (await client.SquareAsync(4)).ShouldBe([0u, 1u, 4u, 9u]);
        await client.Connection.SendAsync(new CreateBuffer(50, 1, (ulong)written.Length));
        await client.Connection.SendAsync(new WriteBuffer(2, 50, 0, (ulong)written.Length), written);
        var read = new byte[written.Length];
        await client.Connection.ReadAsync(new ReadBuffer(2, 50, 0, (ulong)read.Length), read).WithDeadline("the data");
        read.AsSpan().SequenceEqual(written).ShouldBeTrue();

        await using var local = await fixture.OpenAsync(local: true); // nobody is between
        (await local.SquareAsync(2)).ShouldBe([0u, 1u]);
        other.Endpoint.Fingerprint.ShouldNotBe(fingerprint);
        await Should.ThrowAsync<ProtocolException>(() => fixture.ConnectAsync(fingerprint: other.Endpoint.Fingerprint));
        await Should.ThrowAsync<ProtocolException>(() => fixture.ConnectAsync());
        var hold = await fixture.ConnectAsync(kind: ConnectionKind.Hold, fingerprint: fingerprint);
        await GatewayHandshake.WriteAsync(hold, new Goodbye(0, ""), CancellationToken.None);
        (await session.Outcome.WithDeadline("the end of the session")).Log.ShouldContain("given it back");
        await client.Connection.Closed.WithDeadline("the end of the stream");
        await hold.DisposeAsync();
    }

    [Fact]
    public async Task An_encrypted_stream_that_ends_leaves_its_executor_to_the_next()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 }, tls: true);
        await using var session = await fixture.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await using var client = await fixture.OpenAsync(fingerprint: session.Endpoint.Fingerprint);
            (await client.SquareAsync(2)).ShouldBe([0u, 1u]);
        }

        await fixture.AllFreeAsync();
        fixture.Pool.ReadUse().Starts.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_program_waited_for_is_told_apart_and_stays_counted_when_its_stream_ends()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using (var client = await fixture.OpenAsync())
        {
            await client.SquareAsync(4);
            await client.Connection.SendAsync(new ReportWaits(Waits: 12, WaitedNs: 3_600_000_000_000));
            await client.Connection.RequestAsync(default(Fence));
        }

        await fixture.AllFreeAsync();
        var streams = fixture.Pool.ReadAll().ShouldHaveSingleItem().Streams.ShouldNotBeNull();
        (streams.Waits, streams.Waited).ShouldBe((12, TimeSpan.FromHours(1)));
        streams.Answering.ShouldBeInRange(TimeSpan.FromTicks(1), TimeSpan.FromMinutes(59)); // the build and the kernel
        streams.BytesReceived.ShouldBeGreaterThan(0);
        streams.BytesSent.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Programs_of_a_session_share_the_memory_of_its_slice_and_the_next_has_what_the_last_one_had()
    {
        const ulong Most = 60UL << 20; // of 64 MiB
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var second = await fixture.OpenAsync();
        await second.SquareAsync(4);
        await using (var first = await fixture.OpenAsync(local: true))
        {
            await first.SquareAsync(4);
            await first.Connection.SendAsync(new CreateBuffer(50, 1, Most));
            await first.Connection.RequestAsync(default(Fence));

            await second.Connection.SendAsync(new CreateBuffer(50, 1, Most));
            var full = await Should.ThrowAsync<CommandException>(() => second.Connection.RequestAsync(default(Fence)));
            full.Code.ShouldBe(OpenClErrors.MemObjectAllocationFailure);
            full.Message.ShouldContain("67108864");
        }

        await second.Connection.SendAsync(new CreateBuffer(51, 1, Most));
        await second.Connection.RequestAsync(default(Fence));
        fixture.Pool.ReadAll().ShouldHaveSingleItem().MemoryBytes.ShouldBeInRange((long)Most, 64L << 20);
    }

    [Fact]
    public async Task Two_clients_of_a_session_have_the_same_ids_and_different_objects()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var first = await fixture.OpenAsync();
        await using var second = await fixture.OpenAsync(local: true);

        await KernelRun.LaunchAsync(first.Connection, KernelRun.Square, 4);
        await KernelRun.LaunchAsync(second.Connection, "kernel void k(global uint *out) { out[get_global_id(0)] = 5; }", 4);

        (await KernelRun.ReadAsync(first.Connection, 4)).ShouldBe([0u, 1u, 4u, 9u]);
        (await KernelRun.ReadAsync(second.Connection, 4)).ShouldBe([5u, 5u, 5u, 5u]);
        fixture.Pool.ReadUse().Busy.ShouldBe(2);
    }

    [Fact]
    public async Task More_streams_than_a_session_may_have_are_refused_and_one_that_ends_makes_room()
    {
        await using var fixture = GatewayFixture.Create(maxStreams: 1);
        await using var session = await fixture.StartAsync();
        var first = await fixture.OpenAsync();

        var refused = await Should.ThrowAsync<GatewayRefusedException>(() => fixture.ConnectAsync());
        await first.DisposeAsync();
        await Deadlines.Until(() => fixture.Gateway.ReadUse().Sessions[0].Streams == 0, "the stream has ended");
        await using var second = await fixture.OpenAsync();

        refused.Code.ShouldBe(OpenClErrors.SessionRefused);
        refused.Message.ShouldContain("max-streams");
    }

    [Theory]
    [InlineData(Opcode.OpenSession)]
    [InlineData(Opcode.Reset)]
    [InlineData(Opcode.ExecutorReady)]
    [InlineData(Opcode.TakeClient)]
    [InlineData(Opcode.StreamEnded)]
    [InlineData(Opcode.Hello)]
    [InlineData(Opcode.Done)]
    public async Task What_a_client_may_not_say_ends_its_stream_only_and_the_executor_is_used_again(Opcode opcode)
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        await using var session = await fixture.StartAsync();
        var client = await fixture.OpenAsync();
        (await client.SquareAsync(256)).Length.ShouldBe(256);
        var process = fixture.Pool.ProcessIds.Single();

        await SendAsync(client.Connection, opcode);
        var end = await client.Connection.Closed.WithDeadline("the end of the stream");
        await client.DisposeAsync();
        await using var next = await fixture.OpenAsync();

        end.Farewell.ShouldNotBeNull().Code.ShouldBe(OpenClErrors.Protocol);
        (await KernelRun.ReadFreshBufferAsync(next.Connection, 256)).ShouldAllBe(value => value == 0);
        fixture.Pool.ProcessIds.ShouldBe([process]);
        session.Outcome.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_in_the_middle_leaves_nothing_to_the_next(bool withGoodbye)
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        await using var session = await fixture.StartAsync();
        var client = await fixture.OpenAsync();
        await KernelRun.LaunchAsync(client.Connection, KernelRun.Square, 4096);
        if (withGoodbye)
        {
            await client.Connection.SendAsync(new Goodbye(0, "done"));
            await client.Connection.FlushAsync();
        }

        await client.DisposeAsync();
        await using var next = await fixture.OpenAsync();

        (await KernelRun.ReadFreshBufferAsync(next.Connection, 4096)).ShouldAllBe(value => value == 0);
        fixture.Pool.ReadUse().Starts.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_leaves_a_kernel_without_end_costs_its_executor_and_the_next_connect_works()
    {
        await using var fixture = GatewayFixture.Create(
            settings => settings with { MaxTotal = 1, ResetTimeout = TimeSpan.FromMilliseconds(200) });
        await using var session = await fixture.StartAsync();
        var client = await fixture.OpenAsync();
        await KernelRun.LaunchAsync(client.Connection, KernelRun.Spin, 4);
        var process = fixture.Pool.ProcessIds.Single();

        await client.DisposeAsync();
        await using var next = await fixture.OpenAsync();

        (await next.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        Deadlines.IsListed(process).ShouldBeFalse();
    }

    [Fact]
    public async Task An_executor_that_is_killed_ends_its_stream_and_the_next_connect_works()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        await using var client = await fixture.OpenAsync();
        using (var process = Process.GetProcessById(fixture.Pool.ProcessIds.Single()))
        {
            process.Kill();
        }

        await client.Connection.Closed.WithDeadline("the end of the stream");
        await using var next = await fixture.OpenAsync();

        (await next.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        session.Outcome.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_spoils_the_memory_it_shares_ends_its_stream_only_and_the_executor_is_used_again()
    {
        await using var fixture = GatewayFixture.Create(settings => settings with { MaxTotal = 1 });
        await using var session = await fixture.StartAsync();
        await using (await fixture.OpenAsync())
        {
        }

        var executors = fixture.Pool.ProcessIds.ToArray();
        for (var attack = 0; attack < 4; attack++)
        {
            await using var stream = (NetworkStream)await fixture.ConnectAsync(local: true);
            using var client = Executors.MemoryClient.TakeOffer(stream.Socket, out _, FrameHeader.SizeBytes);
            var noise = new byte[4096];
            new Random(attack).NextBytes(noise);
            client.SendAll(noise);
            if (attack > 0)
            {
                client.Spoil((uint)attack * 0x30303030);
                Ring(stream.Socket);
            }

            await Deadlines.Until(() => HasEnded(stream.Socket), "the executor has ended the stream");
        }

        await using var next = await fixture.OpenAsync(local: true);
        (await next.SquareAsync(3)).ShouldBe([0u, 1u, 4u]);
        fixture.Pool.ProcessIds.ShouldBe(executors);
    }

    [Fact]
    public async Task After_many_runs_no_executor_descriptor_or_event_of_a_socket_is_left()
    {
        await using var fixture = GatewayFixture.Create();
        await using var session = await fixture.StartAsync();
        for (var run = 0; run < 3; run++)
        {
            await RunOnceAsync(fixture, run);
        }

        await fixture.AllFreeAsync();
        var (descriptors, events) = (OpenDescriptors(), EventSources());
        var executors = fixture.Pool.ProcessIds.Order().ToArray();
        for (var run = 0; run < 50; run++)
        {
            await RunOnceAsync(fixture, run);
        }

        await fixture.AllFreeAsync();
        fixture.Pool.ProcessIds.Order().ShouldBe(executors);
        await Deadlines.Until(() => OpenDescriptors() <= descriptors, $"at most {descriptors} descriptors are open");
        await Deadlines.Until(() => EventSources() <= events, $"at most {events} sockets are listened to");
        fixture.Gateway.ReadUse().Sessions.Single().Streams.ShouldBe(0);
    }

    private static void Ring(Socket socket)
    {
        try
        {
            socket.Send([0]);
        }
        catch (SocketException)
        {
            // The noise alone has ended the stream.
        }
    }

    private static bool HasEnded(Socket socket)
    {
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(new byte[64]) == 0)
                {
                    return true;
                }
            }

            return false;
        }
        catch (SocketException)
        {
            return true; // it was reset: what was sent last was not read any more
        }
    }

    private static async Task RunOnceAsync(GatewayFixture fixture, int run)
    {
        await using var client = await fixture.OpenAsync(local: run % 2 == 1);
        (await client.SquareAsync(4)).ShouldBe([0u, 1u, 4u, 9u]);
    }

    /// <summary>Sockets and pipes: the runtime opens files as it likes.</summary>
    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd")
        .Select(path => new FileInfo(path).LinkTarget)
        .Count(target => target is not null && (target.StartsWith("socket:") || target.StartsWith("pipe:")));

    /// <summary>Sockets that .NET's event loop hears of: one that was given away must not be among them.</summary>
    private static int EventSources()
    {
        var sources = 0;
        foreach (var path in Directory.GetFiles("/proc/self/fdinfo"))
        {
            try
            {
                sources += File.ReadLines(path).Count(line => line.StartsWith("tfd:", StringComparison.Ordinal));
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return sources;
    }

    private static async Task SendAsync(CommandConnection connection, Opcode opcode)
    {
        await (opcode switch
        {
            Opcode.OpenSession => connection.SendAsync(new OpenSession("acme/x", "acme", 1, 1 << 20, 0, "")),
            Opcode.Reset => connection.SendAsync(default(Reset)),
            Opcode.Hello => connection.SendAsync(new Hello(1, 1, ConnectionKind.Main, "acme/x", 1, default)),
            Opcode.ExecutorReady => connection.SendAsync(
                new Foreign<ExecutorReady>(new ExecutorReady(1, 1, "", 1, 1, false))),
            Opcode.TakeClient => connection.SendAsync(new Foreign<TakeClient>(new TakeClient(default, default))),
            Opcode.StreamEnded => connection.SendAsync(new Foreign<StreamEnded>(new StreamEnded(0, 0, 0, 0, ""))),
            _ => connection.SendAsync(new Foreign<Done>(new Done(0))),
        });
        await connection.FlushAsync();
    }

    /// <summary>A frame that no client sends, as if it were a command.</summary>
    private readonly record struct Foreign<T>(T Body) : ICommand
        where T : struct, IFrameBody
    {
        public Opcode Opcode => Body.Opcode;

        public void Write(ref FrameWriter writer) => Body.Write(ref writer);
    }
}
