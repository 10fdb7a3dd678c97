using System.IO.Pipelines;
using System.Net.Sockets;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

/// <summary>
/// One socket as a pair of pipes. Completing <see cref="Output"/> sends what is left, then end-of-stream.
/// </summary>
sealed class TcpConnection : INetworkConnection
{
    const int SendBufferBytes = 64 * 1024;

    readonly Socket _socket;

    public TcpConnection(Socket socket, string remoteAddress, int receiveBufferBytes)
    {
        _socket = socket;
        RemoteAddress = remoteAddress;
        Input = PipeReader.Create(
            new NetworkStream(socket, ownsSocket: false),
            new StreamPipeReaderOptions(bufferSize: receiveBufferBytes, leaveOpen: true));
        Output = PipeWriter.Create(
            new SendingStream(socket),
            new StreamPipeWriterOptions(minimumBufferSize: SendBufferBytes, leaveOpen: false));
    }

    public string RemoteAddress { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the sending direction, and only it, when the pipe over it is completed.</summary>
    sealed class SendingStream(Socket socket) : NetworkStream(socket, FileAccess.Write, ownsSocket: false)
    {
        protected override void Dispose(bool disposing)
        {
            try
            {
                if (disposing && Socket.Connected)
                {
                    Socket.Shutdown(SocketShutdown.Send);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The other end was faster: there is no direction left to end.
            }

            base.Dispose(disposing);
        }
    }
}
