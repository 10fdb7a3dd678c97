using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>Both ends of one TCP connection over loopback.</summary>
sealed record LoopbackPair(INetworkListener Listener, INetworkConnection Dialling, INetworkConnection Dialled)
    : IAsyncDisposable
{
    public static async Task<LoopbackPair> ConnectAsync()
    {
        var network = new TcpNetwork();
        var listener = await network.ListenAsync("127.0.0.1", 0, default);
        var dialling = await network.ConnectAsync("127.0.0.1", listener.Port, default);
        return new LoopbackPair(listener, dialling, (await listener.AcceptAsync(default)).ShouldNotBeNull());
    }

    public async ValueTask DisposeAsync()
    {
        await Dialling.DisposeAsync();
        await Dialled.DisposeAsync();
        await Listener.DisposeAsync();
    }
}

sealed class TestRandom : IRandomSource
{
    public int Next(int maxExclusive) => RandomNumberGenerator.GetInt32(maxExclusive);

    public double NextDouble() => Next(1 << 30) / (double)(1 << 30);

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}

/// <summary>Hands every frame's body that comes in to an eavesdropper.</summary>
sealed class RecordingConnection(INetworkConnection inner, Action<byte[]> record) : INetworkConnection
{
    public string RemoteAddress => inner.RemoteAddress;

    public PipeReader Input { get; } = new RecordingReader(inner.Input, record);

    public PipeWriter Output => inner.Output;

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    sealed class RecordingReader(PipeReader inner, Action<byte[]> record) : PipeReader
    {
        ReadOnlySequence<byte> _last;

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            var taken = _last.Slice(0, consumed).ToArray();
            if (taken.Length > 4)
            {
                record(taken[4..]);
            }

            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await inner.ReadAsync(cancellationToken);
            _last = result.Buffer;
            return result;
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);
    }
}
