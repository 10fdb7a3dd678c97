namespace GpuActors.Shared.Commands;

/// <summary>
/// Hears what an executor says unasked. Called by the connection's receive loop, in the order of arrival: an
/// implementation returns quickly and never waits for a reply of the same connection.
/// </summary>
public interface ICommandObserver
{
    /// <summary>A command that nobody waits for failed.</summary>
    void OnFailed(ulong sequence, Error error)
    {
    }

    /// <summary>The end of a command that asked for notification.</summary>
    void OnEvent(ulong sequence, EventStatus status)
    {
    }

    /// <summary>The executor got on.</summary>
    void OnAck(Ack ack)
    {
    }

    /// <summary>Kernels printed; the text is valid during the call.</summary>
    void OnPrinted(ReadOnlySpan<byte> text)
    {
    }

    /// <summary>The connection ended; called once, last.</summary>
    void OnClosed(ConnectionEnd end)
    {
    }
}

/// <summary>Why a connection ended.</summary>
/// <param name="Farewell">The peer's Goodbye, when it sent one.</param>
/// <param name="Failure">What broke, when something did; null at an orderly end of the stream.</param>
public sealed record ConnectionEnd(Goodbye? Farewell, Exception? Failure)
{
    /// <summary>One line for people.</summary>
    public string Reason => (Farewell, Failure) switch
    {
        ({ } farewell, _) => farewell.Text,
        (_, { } failure) => failure.Message,
        _ => "the other side closed the connection",
    };

    internal Error ToError() => new(Farewell is { Code: not 0 } said ? said.Code : OpenClErrors.ExecutorLost, 0, Reason);
}
