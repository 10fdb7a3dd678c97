using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

sealed class TlsConnection : INetworkConnection
{
    readonly INetworkConnection _inner;
    readonly SslStream _tls;

    /// <param name="inner">The connection that carries the encrypted bytes.</param>
    /// <param name="tls">TLS over it: authenticated, or not yet when there are <paramref name="serverOptions"/>.</param>
    /// <param name="serverOptions">How to authenticate an accepted connection at its first read.</param>
    public TlsConnection(INetworkConnection inner, SslStream tls, SslServerAuthenticationOptions? serverOptions)
    {
        _inner = inner;
        _tls = tls;
        Stream stream = serverOptions is null ? tls : new AuthenticatingStream(tls, serverOptions);
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, leaveOpen: true));
        Output = PipeWriter.Create(
            new ShutdownStream(tls, inner),
            new StreamPipeWriterOptions(minimumBufferSize: 32 * 1024, leaveOpen: false));
    }

    public string RemoteAddress => _inner.RemoteAddress;

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync(); // First, so that TLS has nobody left to say good-bye to and cannot block.
        await _tls.DisposeAsync();
    }

    /// <summary>Authenticates as a server before the first byte is read.</summary>
    sealed class AuthenticatingStream(SslStream tls, SslServerAuthenticationOptions options) : ForwardingStream
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!tls.IsAuthenticated)
            {
                try
                {
                    await tls.AuthenticateAsServerAsync(options, cancellationToken);
                }
                catch (AuthenticationException e)
                {
                    throw new IOException($"TLS failed: {e.Message}", e);
                }
            }

            return await tls.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>Sends TLS's end-of-stream, then the network's, when the pipe over it is completed.</summary>
    sealed class ShutdownStream(SslStream tls, INetworkConnection inner) : ForwardingStream
    {
        public override bool CanWrite => true;

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            tls.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => tls.FlushAsync(cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            try
            {
                if (tls.IsAuthenticated)
                {
                    await tls.ShutdownAsync();
                }

                await inner.Output.CompleteAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The connection is gone already: nobody is left to hear the end.
            }

            await base.DisposeAsync();
        }
    }
}
