namespace GpuActors.Shared.Commands;

/// <summary>
/// Where a session's commands go. <c>SendAsync</c> pipelines: it returns once the command is in the send buffer, and
/// waits only while the window is full. A command without reply that fails is reported by
/// <see cref="ICommandObserver.OnFailed"/> and by the next <see cref="Fence"/>.
/// Calls may come from any thread; their order is the order of the stream.
/// </summary>
public interface ICommandSink
{
    /// <summary>What the session was welcomed with: device ids, sizes.</summary>
    Welcome Welcome { get; }

    /// <summary>Sends a command that has no data and whose reply, if it has one, nobody wants.</summary>
    /// <returns>Its sequence number.</returns>
    ValueTask<ulong> SendAsync<T>(T command, CancellationToken cancellationToken = default)
        where T : struct, ICommand;

    /// <summary>
    /// Sends a command and its data, whose length must be the command's DataBytes. The memory may be used again once
    /// the call has returned.
    /// </summary>
    /// <returns>Its sequence number.</returns>
    ValueTask<ulong> SendAsync<T>(T command, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        where T : struct, ICarriesData;

    /// <summary>Sends a command and waits for its reply. The task's result is there once the executor has answered.</summary>
    /// <exception cref="CommandException">The executor answered with an error.</exception>
    Task<TReply> RequestAsync<TReply>(ICommand<TReply> command, CancellationToken cancellationToken = default)
        where TReply : struct, IFrameBody<TReply>;

    /// <summary>Sends a read and waits until <paramref name="destination"/> holds its data.</summary>
    /// <param name="command">A read; its size must be the destination's length.</param>
    /// <param name="destination">Belongs to the connection until the task ends.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CommandException">The executor answered with an error.</exception>
    Task<Done> ReadAsync(
        ICommand<Done> command, Memory<byte> destination, CancellationToken cancellationToken = default);
}
