using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Associations;
using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Remoting.Wire;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>Whatever comes in on the port, a proper peer is served afterwards.</summary>
public sealed class HostilePeerTests : IDisposable
{
    const string PeerAddress = "akka://mallory@127.0.0.1:7";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly Node _victim = Node.Start(
        "victim", Node.Settings with { HandshakeTimeout = TimeSpan.FromSeconds(1), MaxPendingHandshakes = 16 });

    readonly List<INetworkConnection> _connections = [];

    public HostilePeerTests() => _victim.Echo();

    public void Dispose()
    {
        _victim.Run(async () =>
        {
            foreach (var connection in _connections)
            {
                await connection.DisposeAsync();
            }
        });
        _victim.Dispose();
    }

    [Fact]
    public async Task Random_bytes_end_their_connection_only()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var bytes = new byte[random.Next(5, 5000)];
            random.NextBytes(bytes);
            var connection = await DialAsync();
            await WriteAsync(connection, bytes);
            await ClosedAsync(connection);
        }

        ServesAProperPeer();
    }

    [Fact]
    public async Task A_claim_of_a_gigabyte_costs_no_memory()
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var round = 0; round < 20; round++)
        {
            var connection = await DialAsync();
            await WriteAsync(connection, [0, 0, 0, 0x40, 1, 2, 3]);
            await ClosedAsync(connection);
        }

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(50_000_000);
        _victim.Logs.Entries.ShouldContain(entry => entry.Message.Contains("1,073,741,824"));
        ServesAProperPeer();
    }

    [Fact]
    public async Task A_truncated_handshake_that_is_hung_up_on_is_forgotten()
    {
        var hello = HelloBytes();
        for (var length = 0; length < hello.Length; length += 7)
        {
            var connection = await DialAsync();
            await WriteAsync(connection, hello[..length]);
            await connection.DisposeAsync();
        }

        ServesAProperPeer();
    }

    [Fact]
    public async Task A_handshake_byte_by_byte_is_cut_off_after_its_time()
    {
        var start = Stopwatch.GetTimestamp();
        var connection = await DialAsync();
        var closed = ClosedAsync(connection);
        for (var at = 0; !closed.IsCompleted && Stopwatch.GetElapsedTime(start) < Patience; at++)
        {
            await WriteAsync(connection, [HelloBytes()[at % 40]]);
            await Task.WhenAny(closed, Task.Delay(50));
        }

        await closed;
        _victim.AwaitCondition(
            () => _victim.Logs.Entries.Any(entry => entry.Message.Contains("did not finish its handshake in time")),
            "a word about the slow caller");
        ServesAProperPeer();
    }

    [Fact]
    public async Task Silent_callers_beyond_the_limit_are_hung_up_on_and_the_rest_in_time()
    {
        var callers = new List<Task>();
        for (var caller = 0; caller < 40; caller++)
        {
            callers.Add(ClosedAsync(await DialAsync()));
        }

        _victim.AwaitCondition(
            () => callers.Count(closed => closed.IsCompleted) >= 24, "callers beyond the limit to be hung up on");
        await Task.WhenAll(callers);
        ServesAProperPeer();
    }

    [Fact]
    public void A_wrong_secret_is_refused_on_both_sides_in_words_and_changes_nothing()
    {
        using var stranger = Node.Start("stranger", Node.Impatient with { Secret = "not the secret of these tests" });
        stranger.RefTo(_victim, "/user/echo").Tell(new Numbered(1), stranger.TestActor);
        stranger.DeadLetterProbe.ExpectMsg<DeadLetter>(Patience).Message.ShouldBe(new Numbered(1));
        stranger.Logs.Entries.ShouldContain(entry => entry.Message.Contains("the cluster secrets differ"));
        _victim.Logs.Entries.ShouldContain(
            entry => entry.Message.Contains("does not have this node's cluster secret"));
        _victim.Logs.Entries.Concat(stranger.Logs.Entries)
            .ShouldAllBe(entry => !entry.Message.Contains("of these tests"));

        // Each attempt is refused; one in ten seconds is logged.
        _victim.Logs.Entries.Count(entry => entry.Message.Contains("cluster secret")).ShouldBe(1);
        _victim.Remoting.Associations.ShouldBeEmpty();
        ServesAProperPeer();
    }

    [Fact]
    public async Task A_recorded_handshake_is_worth_nothing()
    {
        var recorded = new List<byte[]>();
        var listener = await new TcpNetwork().ListenAsync("127.0.0.1", 0, default);
        var relaying = RelayAsync(listener, recorded);
        var connection = await new TcpNetwork().ConnectAsync("127.0.0.1", listener.Port, default);
        _connections.Add(connection);
        (await HandshakeOfPeer().DialAsync(connection, _victim.Address.ToString(), 0, default)).Dispose();
        await connection.DisposeAsync();
        await relaying;
        await listener.DisposeAsync();

        var replay = await DialAsync();
        foreach (var bytes in recorded)
        {
            await WriteAsync(replay, bytes);
        }

        await ClosedAsync(replay);
        _victim.AwaitCondition(
            () => _victim.Logs.Entries.Any(entry => entry.Message.Contains("cluster secret")),
            "a word about the replayed handshake");
        ServesAProperPeer();
    }

    [Fact]
    public async Task A_frame_beyond_the_limit_after_the_handshake_ends_the_connection_at_its_header()
    {
        var (connection, session) = await AssociateAsync();
        session.Dispose();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await WriteAsync(connection, [0xFF, 0xFF, 0xFF, 0x7F]);
        await ClosedAsync(connection);
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(50_000_000);
        Disassociated().Reason.ShouldContain("2,147,483,647");
        ServesAProperPeer();
    }

    [Fact]
    public async Task A_frame_that_was_tampered_with_ends_the_connection()
    {
        var (connection, session) = await AssociateAsync();
        var pipe = new Pipe();
        session.Sealer.Seal([(byte)EnvelopeKind.Heartbeat], pipe.Writer);
        await pipe.Writer.CompleteAsync();
        var frame = (await pipe.Reader.ReadAsync()).Buffer.FirstSpan.ToArray();
        frame[^1] ^= 1;
        await WriteAsync(connection, frame);
        await ClosedAsync(connection);
        Disassociated().Reason.ShouldContain("is not what the peer sealed");
        ServesAProperPeer();
    }

    [Theory]
    [InlineData(new byte[] { 99 }, "unknown kind 99")]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "without recipient")]
    [InlineData(new byte[] { 1, 3, 0, 0, 0 }, "has not been defined")]
    [InlineData(new byte[] { 3, 200, 1, 65 }, "bytes are announced")]
    [InlineData(new byte[] { 3, 4, 110, 111, 112, 101 }, "is not an actor's path")]
    public async Task An_authentic_peer_that_breaks_the_protocol_is_hung_up_on(byte[] envelope, string reason)
    {
        var (connection, session) = await AssociateAsync();
        session.Sealer.Seal(envelope, connection.Output);
        await connection.Output.FlushAsync();
        await ClosedAsync(connection);
        Disassociated().Reason.ShouldContain(reason);
        ServesAProperPeer();
    }

    [Fact]
    public async Task A_message_that_does_not_deserialize_costs_the_message_only()
    {
        var (connection, session) = await AssociateAsync();
        var envelope = new WireBuffer(1000);
        envelope.WriteByte((byte)EnvelopeKind.Message);
        envelope.WriteVarUInt(TextTag.Literal);
        envelope.WriteString("/user/echo");
        envelope.WriteVarUInt(TextTag.None);
        envelope.WriteVarUInt(TextTag.Literal);
        envelope.WriteString("numbered");
        envelope.WriteString("{ this is no JSON");
        session.Sealer.Seal(envelope.WrittenSpan, connection.Output);
        _victim.EventFilter.Error(contains: "Malformed 'numbered'").ExpectOne(
            () => _victim.Run(() => connection.Output.FlushAsync().AsTask()));
        _victim.Remoting.Associations.Single().IsConnected.ShouldBeTrue();
        ServesAProperPeer();
    }

    static byte[] HelloBytes()
    {
        var pipe = new Pipe();
        FrameCodec.Write(pipe.Writer, HandshakeCodec.Encode(new Hello(
            HandshakeCodec.Version, ProtectionMode.AesGcm, new byte[HandshakeCodec.NonceBytes], 1, 0, PeerAddress,
            "akka://victim@127.0.0.1:1")));
        pipe.Writer.Complete();
        pipe.Reader.TryRead(out var result).ShouldBeTrue();
        return result.Buffer.FirstSpan.ToArray();
    }

    static Handshake HandshakeOfPeer() => new(
        new ClusterSecret(Node.Secret), PeerAddress, 77, ProtectionMode.AesGcm, new TestRandom());

    static async Task WriteAsync(INetworkConnection connection, byte[] bytes)
    {
        try
        {
            await connection.Output.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // The victim was faster to hang up.
        }
    }

    static async Task ClosedAsync(INetworkConnection connection)
    {
        try
        {
            while (true)
            {
                var result = await connection.Input.ReadAsync().AsTask().WaitAsync(Patience);
                connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    await connection.Output.CompleteAsync();
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A reset is as good an end as any.
        }
    }

    async Task<INetworkConnection> DialAsync()
    {
        var connection = await new TcpNetwork().ConnectAsync("127.0.0.1", _victim.Address.Port!.Value, default);
        _connections.Add(connection);
        return connection;
    }

    async Task<(INetworkConnection Connection, Session Session)> AssociateAsync()
    {
        var connection = await DialAsync();
        return (connection, await HandshakeOfPeer().DialAsync(connection, _victim.Address.ToString(), 0, default));
    }

    /// <summary>Stands between caller and victim until the caller hangs up, writing down what it says.</summary>
    async Task RelayAsync(INetworkListener listener, List<byte[]> recorded)
    {
        var caller = (await listener.AcceptAsync(default)).ShouldNotBeNull();
        var victim = await DialAsync();
        var answering = victim.Input.CopyToAsync(caller.Output);
        while (true)
        {
            var result = await caller.Input.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                recorded.Add(segment.ToArray());
                await victim.Output.WriteAsync(segment);
            }

            caller.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await victim.DisposeAsync();
        await Record.ExceptionAsync(() => answering);
    }

    DisassociatedEvent Disassociated() =>
        _victim.EventProbe.FishForMessage<DisassociatedEvent>(e => e.RemoteAddress.ToString() == PeerAddress, Patience);

    void ServesAProperPeer()
    {
        using var proper = Node.Start("proper");
        proper.Await(proper.RefTo(_victim, "/user/echo").Ask<Numbered>(new Numbered(1), Patience), Patience)
            .ShouldBe(new Numbered(1));
    }
}
