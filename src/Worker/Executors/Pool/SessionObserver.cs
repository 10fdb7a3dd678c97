using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// Stands before a session's observer until the session is open, so that the end of an executor that was found dead
/// is not heard by the session that then gets another one.
/// </summary>
internal sealed class SessionObserver : ICommandObserver
{
    private readonly Lock _lock = new();
    private ICommandObserver? _observer;
    private ConnectionEnd? _end;

    /// <summary>The session is open: <paramref name="observer"/> hears all from here on, its end in any case.</summary>
    public void Attach(ICommandObserver observer)
    {
        ConnectionEnd? end;
        lock (_lock)
        {
            _observer = observer;
            end = _end;
        }

        if (end is not null)
        {
            observer.OnClosed(end);
        }
    }

    public void OnFailed(ulong sequence, Error error) => _observer?.OnFailed(sequence, error);

    public void OnEvent(ulong sequence, EventStatus status) => _observer?.OnEvent(sequence, status);

    public void OnAck(Ack ack) => _observer?.OnAck(ack);

    public void OnPrinted(ReadOnlySpan<byte> text) => _observer?.OnPrinted(text);

    public void OnClosed(ConnectionEnd end)
    {
        ICommandObserver? observer;
        lock (_lock)
        {
            _end = end;
            observer = _observer;
        }

        observer?.OnClosed(end);
    }
}
