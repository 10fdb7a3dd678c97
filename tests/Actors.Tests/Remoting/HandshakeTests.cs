using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Remoting.Wire;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Remoting;

public class HandshakeTests
{
    const string Secret = "a secret of enough bytes";
    const string AddressA = "akka://a@127.0.0.1:1";
    const string AddressB = "akka://b@127.0.0.1:2";

    [Fact]
    public async Task Nodes_with_one_secret_agree_on_a_session_and_know_each_other()
    {
        var (dialled, caller) = await MeetAsync(Node(AddressA, 11), Node(AddressB, 22));
        dialled.RemoteAddress.ShouldBe(AddressB);
        dialled.RemoteUid.ShouldBe(22UL);
        caller.RemoteAddress.ShouldBe(AddressA);
        caller.RemoteUid.ShouldBe(11UL);
        dialled.Id.ShouldBe(caller.Id);
        dialled.Id.ShouldNotBe(0UL);
        Opens(dialled.Sealer, caller.Opener);
        Opens(caller.Sealer, dialled.Opener);
    }

    [Fact]
    public async Task Two_sessions_of_the_same_nodes_share_no_key()
    {
        var (first, _) = await MeetAsync(Node(AddressA, 11), Node(AddressB, 22));
        var (_, second) = await MeetAsync(Node(AddressA, 11), Node(AddressB, 22));
        Should.Throw<WireFormatException>(() => Opens(first.Sealer, second.Opener));
    }

    [Fact]
    public async Task A_wrong_secret_is_told_to_both_sides_and_appears_in_no_message()
    {
        var (dialler, dialled) = await FailAsync(
            Node(AddressA, 11, "another secret of enough bytes"), Node(AddressB, 22), AddressB);
        dialler.Message.ShouldContain("the cluster secrets differ");
        dialled.Message.ShouldContain("does not have this node's cluster secret");
        dialled.Message.ShouldContain(AddressA);
        (dialler.ToString() + dialled).ShouldNotContain("enough bytes");
    }

    [Fact]
    public async Task A_node_that_has_another_address_is_told_from_the_one_that_was_meant()
    {
        var (dialler, _) = await FailAsync(Node(AddressA, 11), Node(AddressB, 22), "akka://b@localhost:2");
        dialler.Message.ShouldContain("akka://b@localhost:2");
        dialler.Message.ShouldContain($"calls itself {AddressB}");
    }

    [Fact]
    public async Task Unlike_protection_is_refused_with_what_to_set()
    {
        var (dialler, dialled) = await FailAsync(
            Node(AddressA, 11, protection: ProtectionMode.Transport), Node(AddressB, 22), AddressB);
        dialler.Message.ShouldContain("TLS");
        dialled.Message.ShouldContain("TLS");
    }

    [Fact]
    public async Task A_caller_in_the_name_of_the_node_itself_is_refused()
    {
        var (_, dialled) = await FailAsync(Node(AddressB, 11), Node(AddressB, 22), AddressB);
        dialled.Message.ShouldContain("which is this node");
    }

    [Fact]
    public async Task A_replayed_handshake_is_refused()
    {
        var recorded = new List<byte[]>();
        await MeetAsync(Node(AddressA, 11), Node(AddressB, 22), recorded.Add);
        recorded.Count.ShouldBe(2);

        await using var pair = await LoopbackPair.ConnectAsync();
        var accepting = Node(AddressB, 22).AcceptAsync(pair.Dialled, default);
        foreach (var frame in recorded)
        {
            await HandshakeFrames.WriteAsync(pair.Dialling.Output, frame, default);
        }

        await HandshakeFrames.ReadAsync(pair.Dialling.Input, default); // the challenge
        HandshakeCodec.TryDecode<Welcome>(
            await HandshakeFrames.ReadAsync(pair.Dialling.Input, default), out _, out var refusal).ShouldBeFalse();
        refusal.Reason.ShouldBe(RefusalReason.AuthenticationFailed);
        await pair.Dialling.DisposeAsync();
        await Should.ThrowAsync<HandshakeException>(() => accepting);
    }

    [Fact]
    public async Task A_peer_that_answers_with_our_own_proof_is_refused()
    {
        // Reflection: whoever lacks the secret sends back what it was sent.
        await using var pair = await LoopbackPair.ConnectAsync();
        var dialling = Node(AddressA, 11).DialAsync(pair.Dialling, AddressB, 0, default);
        await HandshakeFrames.ReadAsync(pair.Dialled.Input, default);
        var challenge = HandshakeCodec.Encode(new Challenge(new byte[HandshakeCodec.NonceBytes], 22, AddressB));
        await HandshakeFrames.WriteAsync(pair.Dialled.Output, challenge, default);
        HandshakeCodec.TryDecode<Proof>(
            await HandshakeFrames.ReadAsync(pair.Dialled.Input, default), out var proof, out _).ShouldBeTrue();
        await HandshakeFrames.WriteAsync(
            pair.Dialled.Output, HandshakeCodec.Encode(new Welcome(proof!.Mac)), default);
        (await Should.ThrowAsync<HandshakeException>(() => dialling)).Message.ShouldContain("cluster secret");
    }

    [Fact]
    public async Task A_refusal_is_authentic_only_from_a_node_with_the_secret()
    {
        await using var pair = await LoopbackPair.ConnectAsync();
        var dialling = Node(AddressA, 11).DialAsync(pair.Dialling, AddressB, 0, default);
        var caller = await Node(AddressB, 22).AcceptAsync(pair.Dialled, default);
        var refusing = Handshake.RefuseAsync(pair.Dialled, caller, RefusalReason.Quarantined, default);
        var refused = await Should.ThrowAsync<HandshakeException>(() => dialling);
        refused.Reason.ShouldBe(RefusalReason.Quarantined);
        refused.IsAuthentic.ShouldBeTrue();
        await pair.Dialling.DisposeAsync();
        await refusing;

        await using var forged = await LoopbackPair.ConnectAsync();
        var lured = Node(AddressA, 11).DialAsync(forged.Dialling, AddressB, 0, default);
        var lie = HandshakeCodec.Encode(
            new Refusal(RefusalReason.Quarantined, new byte[HandshakeCodec.MacBytes]));
        await HandshakeFrames.WriteAsync(forged.Dialled.Output, lie, default);
        (await Should.ThrowAsync<HandshakeException>(() => lured)).IsAuthentic.ShouldBeFalse();
    }

    [Fact]
    public async Task A_length_of_a_gigabyte_is_refused_by_its_header()
    {
        await using var pair = await LoopbackPair.ConnectAsync();
        var accepting = Node(AddressB, 22).AcceptAsync(pair.Dialled, default);
        await pair.Dialling.Output.WriteAsync(new byte[] { 0, 0, 0, 0x40 });
        (await Should.ThrowAsync<WireFormatException>(() => accepting)).Message.ShouldContain("1,073,741,824");
    }

    [Fact]
    public void Garbage_is_refused_whatever_it_is()
    {
        Prop.ForAll<byte[]>(garbage =>
        {
            Should.Throw<WireFormatException>(() => HandshakeCodec.DecodeHello(garbage));
            foreach (var type in new byte[] { 2, 3, 4, 5 })
            {
                byte[] body = [type, .. garbage];
                // Bytes of the right length are a message, if a meaningless one; anything else is an error of its kind.
                var error = Record.Exception(() => HandshakeCodec.TryDecode<Proof>(body, out _, out _));
                (error ?? new WireFormatException("")).ShouldBeOfType<WireFormatException>();
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_short_secret_is_refused_without_repeating_it()
    {
        var error = Should.Throw<ArgumentException>(() => new ClusterSecret("hunter2"));
        error.Message.ShouldContain("at least 16");
        error.Message.ShouldNotContain("hunter2");
    }

    static Handshake Node(
        string address, ulong uid, string secret = Secret, ProtectionMode protection = ProtectionMode.AesGcm) =>
        new(new ClusterSecret(secret), address, uid, protection, new TestRandom());

    static async Task<(Session Dialler, Session Dialled)> MeetAsync(
        Handshake dialler, Handshake dialled, Action<byte[]>? record = null)
    {
        await using var pair = await LoopbackPair.ConnectAsync();
        var accepting = dialled.AcceptAsync(
            record is null ? pair.Dialled : new RecordingConnection(pair.Dialled, record), default);
        var dialling = dialler.DialAsync(pair.Dialling, AddressB, 0, default);
        var caller = await accepting;
        await HandshakeFrames.WriteAsync(pair.Dialled.Output, caller.Welcome, default);
        return (await dialling, caller.Session);
    }

    static async Task<(Exception Dialler, Exception Dialled)> FailAsync(
        Handshake dialler, Handshake dialled, string dialledAddress)
    {
        await using var pair = await LoopbackPair.ConnectAsync();
        var accepting = dialled.AcceptAsync(pair.Dialled, default);
        var accepted = Record.ExceptionAsync(async () =>
        {
            try
            {
                await accepting;
            }
            finally
            {
                await pair.Dialled.DisposeAsync();
            }
        });
        var dialling = await Record.ExceptionAsync(async () =>
        {
            try
            {
                await dialler.DialAsync(pair.Dialling, dialledAddress, 0, default);
            }
            finally
            {
                await pair.Dialling.DisposeAsync();
            }
        });
        return (dialling.ShouldNotBeNull(), (await accepted).ShouldNotBeNull());
    }

    static void Opens(IFrameSealer sealer, IFrameOpener opener)
    {
        var pipe = new Pipe();
        sealer.Seal([7, 7, 7], pipe.Writer);
        pipe.Writer.Complete();
        pipe.Reader.TryRead(out var result).ShouldBeTrue();
        var bytes = result.Buffer;
        FrameCodec.TryRead(ref bytes, 1000, out var frame, out _).ShouldBe(FrameStatus.Complete);
        opener.Open(frame).ToArray().ShouldBe([7, 7, 7]);
    }
}
