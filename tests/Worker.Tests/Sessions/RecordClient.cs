using System.Net.Security;
using System.Net.Sockets;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>A client's end of a stream that may have several connections. It makes none by itself.</summary>
internal sealed class RecordClient(GatewayFixture fixture, string? fingerprint) : ILinkSource, IAsyncDisposable
{
    private readonly SemaphoreSlim _reconnect = new(0);
    private uint _connections;
    private Stream? _newest;

    public Guid Id { get; } = Guid.NewGuid();

    public ResumableStream Records { get; private set; } = null!;

    public GatewayClient Commands { get; private set; } = null!;

    public uint KeepMilliseconds { get; private set; }

    /// <summary>A first connection, and the welcome.</summary>
    public static async Task<RecordClient> OpenAsync(GatewayFixture fixture, string? fingerprint = null)
    {
        var client = new RecordClient(fixture, fingerprint);
        client.Records = new ResumableStream(client);
        var (link, peer) = await client.ConnectAsync(ConnectionKind.Resumable, default);
        client.KeepMilliseconds = peer.KeepMilliseconds;
        client.Records.Replace(link, peer);
        client.Commands = await GatewayClient.GreetAsync(new RecordStream(client.Records));
        return client;
    }

    /// <summary>Lets one more connection be made once this one is lost.</summary>
    public void MayReconnect() => _reconnect.Release();

    /// <summary>The connection breaks, for both sides.</summary>
    public void Cut() => _newest!.Dispose();

    public async Task<(StreamLink Link, Opening Peer)> ConnectAsync(ConnectionKind kind, Opening own)
    {
        var stream = await fixture.ConnectAsync(kind: kind, fingerprint: fingerprint, stream: Id);
        _newest = stream;
        var link = new StreamingLink(stream);
        (own with { Connection = ++_connections }).TrySend(link).ShouldBeTrue();
        Opening.TryReceive(link, out var peer).ShouldBeTrue();
        return (link, peer);
    }

    public StreamLink? Connect(Opening own, out Opening peer)
    {
        _reconnect.Wait();
        try
        {
            (var link, peer) = ConnectAsync(ConnectionKind.Resume, own).GetAwaiter().GetResult();
            return link;
        }
        catch (IOException)
        {
            peer = default;
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Records.End();
        _reconnect.Release();
        await Commands.DisposeAsync();
        _newest?.Dispose();
    }

    private sealed unsafe class StreamingLink(Stream stream) : StreamLink
    {
        public override int Receive(byte* into, int bytes)
        {
            try
            {
                return stream.Read(new Span<byte>(into, bytes));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return 0;
            }
        }

        public override nint Send(MemoryPiece* pieces, int count, bool mayWait)
        {
            try
            {
                nint sent = 0;
                for (var i = 0; i < count; i++)
                {
                    stream.Write(new ReadOnlySpan<byte>(pieces[i].Start, (int)pieces[i].Length));
                    sent += (nint)pieces[i].Length;
                }

                return sent;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return Gone;
            }
        }

        public override LinkReadiness Wait(LinkReadiness wanted, int milliseconds) => wanted;

        public override void ShutDown() => stream.Dispose();

        public override void Retire() => stream.Dispose();
    }

    /// <summary>For a connection of commands, which wants a stream.</summary>
    private sealed unsafe class RecordStream(ResumableStream records) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            fixed (byte* into = buffer)
            {
                int received;
                while ((received = records.Receive(into, buffer.Length)) == ResumableStream.Nothing)
                {
                }

                return received;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Task.Factory.StartNew(
                () => Read(buffer.Span), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            fixed (byte* from = buffer)
            {
                for (var at = 0; at < buffer.Length;)
                {
                    var piece = new MemoryPiece { Start = from + at, Length = (nuint)(buffer.Length - at) };
                    var sent = records.Send(&piece, 1, mayWait: true);
                    if (sent < 0)
                    {
                        throw new IOException("the stream has ended");
                    }

                    at += (int)sent;
                }
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Task.Factory.StartNew(
                () => Write(buffer.Span), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            records.End();
            base.Dispose(disposing);
        }
    }
}
