using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>A listening end point of the virtual network.</summary>
internal sealed class VirtualListener(int port, Action onClose) : INetworkListener
{
    private readonly Queue<INetworkConnection> _waiting = new();
    private readonly Queue<TaskCompletionSource<INetworkConnection?>> _accepting = new();
    private bool _isClosed;

    public int Port => port;

    public async ValueTask<INetworkConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        if (_waiting.TryDequeue(out var connection))
        {
            return connection;
        }

        if (_isClosed)
        {
            return null;
        }

        var accepting = new TaskCompletionSource<INetworkConnection?>();
        _accepting.Enqueue(accepting);
        await using var registration = cancellationToken.UnsafeRegister(
            static (source, token) => ((TaskCompletionSource<INetworkConnection?>)source!).TrySetCanceled(token),
            accepting);
        return await accepting.Task;
    }

    public void Add(INetworkConnection connection)
    {
        while (_accepting.TryDequeue(out var accepting))
        {
            if (accepting.TrySetResult(connection))
            {
                return;
            }
        }

        _waiting.Enqueue(connection);
    }

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        onClose();
        while (_accepting.TryDequeue(out var accepting))
        {
            accepting.TrySetResult(null);
        }

        return ValueTask.CompletedTask;
    }
}
