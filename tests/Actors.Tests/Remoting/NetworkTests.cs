using System.IO.Pipelines;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>What every byte-stream network must do; run for TCP and for TLS over it.</summary>
public abstract class NetworkTests
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    protected abstract INetwork NewNetwork();

    [Fact]
    public async Task Bytes_arrive_in_order_in_both_directions()
    {
        await using var pair = await ConnectAsync();
        var sent = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31)).ToArray();
        var writing = Task.WhenAll(
            WriteAllAsync(pair.Dialled.Output, sent), WriteAllAsync(pair.Dialling.Output, sent));
        var received = await Task.WhenAll(
            ReadAllAsync(pair.Dialled.Input), ReadAllAsync(pair.Dialling.Input)).WaitAsync(Deadline);
        await writing.WaitAsync(Deadline);
        received[0].AsSpan().SequenceEqual(sent).ShouldBeTrue();
        received[1].AsSpan().SequenceEqual(sent).ShouldBeTrue();
    }

    [Fact]
    public async Task A_flush_waits_for_a_peer_that_does_not_read()
    {
        await using var pair = await ConnectAsync();
        var chunk = new byte[64 * 1024];
        var flush = default(ValueTask<FlushResult>);
        for (var written = 0; written < 100_000_000; written += chunk.Length)
        {
            flush = pair.Dialling.Output.WriteAsync(chunk);
            if (!flush.IsCompleted)
            {
                break;
            }
        }

        flush.IsCompleted.ShouldBeFalse("nothing holds back a sender whose peer does not read");
        var reading = ReadAllAsync(pair.Dialled.Input);
        await flush.AsTask().WaitAsync(Deadline);
        await pair.Dialling.Output.CompleteAsync();
        await reading.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Disposing_one_end_ends_the_other()
    {
        await using var pair = await ConnectAsync();
        await pair.Dialling.DisposeAsync();
        try
        {
            (await pair.Dialled.Input.ReadAsync().AsTask().WaitAsync(Deadline)).IsCompleted.ShouldBeTrue();
        }
        catch (IOException)
        {
            // A reset is as good an end as any.
        }
    }

    [Fact]
    public async Task Closing_a_listener_ends_its_accept_and_frees_its_port()
    {
        var network = NewNetwork();
        var listener = await network.ListenAsync("127.0.0.1", 0, default);
        var accepting = listener.AcceptAsync(default).AsTask();
        await listener.DisposeAsync();
        (await accepting.WaitAsync(Deadline)).ShouldBeNull();
        await using var next = await network.ListenAsync("127.0.0.1", listener.Port, default);
        next.Port.ShouldBe(listener.Port);
    }

    [Fact]
    public async Task Connecting_where_nobody_listens_is_an_IOException_that_names_the_place()
    {
        var network = NewNetwork();
        var listener = await network.ListenAsync("127.0.0.1", 0, default);
        await listener.DisposeAsync();
        var error = await Should.ThrowAsync<IOException>(
            async () => await network.ConnectAsync("127.0.0.1", listener.Port, default));
        error.Message.ShouldContain($"127.0.0.1:{listener.Port}");
    }

    async Task<ConnectedPair> ConnectAsync()
    {
        var network = NewNetwork();
        var listener = await network.ListenAsync("127.0.0.1", 0, default);
        var accepting = listener.AcceptAsync(default).AsTask();
        var dialling = network.ConnectAsync("127.0.0.1", listener.Port, default).AsTask();
        var dialled = await accepting.WaitAsync(Deadline);
        dialled.ShouldNotBeNull();

        // Over TLS the accepted side authenticates when it first reads.
        var first = dialled.Input.ReadAsync().AsTask();
        var dialler = await dialling.WaitAsync(Deadline);
        await dialler.Output.WriteAsync(new byte[1]);
        dialled.Input.AdvanceTo((await first.WaitAsync(Deadline)).Buffer.End);
        return new ConnectedPair(listener, dialler, dialled);
    }

    static async Task WriteAllAsync(PipeWriter output, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += 50_000)
        {
            await output.WriteAsync(bytes.AsMemory(at, Math.Min(50_000, bytes.Length - at)));
        }

        await output.CompleteAsync();
    }

    static async Task<byte[]> ReadAllAsync(PipeReader input)
    {
        using var all = new MemoryStream();
        await input.CopyToAsync(all);
        return all.ToArray();
    }

    sealed record ConnectedPair(INetworkListener Listener, INetworkConnection Dialling, INetworkConnection Dialled)
        : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Dialling.DisposeAsync();
            await Dialled.DisposeAsync();
            await Listener.DisposeAsync();
        }
    }
}

public class TcpNetworkTests : NetworkTests
{
    protected override INetwork NewNetwork() => new TcpNetwork();
}
