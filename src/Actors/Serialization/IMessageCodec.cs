using System.Buffers;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// A message's own binary form, for what is sent often or is mostly bytes; other messages travel as JSON. An
/// implementation is called from many threads at once and keeps no state.
/// </summary>
public interface IMessageCodec<T>
    where T : class
{
    /// <summary>Appends the message. What is written here is all that <see cref="Read"/> is given.</summary>
    void Write(IBufferWriter<byte> destination, T message);

    /// <summary>
    /// Makes the message. The bytes are reused after the call: what the message keeps must be copied.
    /// </summary>
    /// <exception cref="FormatException">The bytes are not such a message.</exception>
    T Read(ReadOnlySequence<byte> source);
}
