using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

/// <summary>
/// What one side of a resumable stream has sent and the other has not consumed yet. Plain data: it knows of no connection.
/// The owner adds; whoever receives acknowledges, also on another thread.
/// </summary>
public sealed class RecordSender
{
    private byte[]? _kept; // a ring; the byte at position p lies at p modulo its length
    private ulong _appended;
    private ulong _consumed;

    /// <summary>Bytes that were added so far.</summary>
    public ulong Appended => Volatile.Read(ref _appended);

    /// <summary>Bytes that the other side has consumed.</summary>
    public ulong Consumed => Volatile.Read(ref _consumed);

    /// <summary>Bytes that can be added now.</summary>
    public int Room => RecordHeader.WindowBytes - (int)(Appended - Consumed);

    /// <summary>Keeps bytes that go to the other side now.</summary>
    /// <param name="bytes">At most <see cref="Room"/>.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Room, nameof(bytes));
        _kept ??= GC.AllocateUninitializedArray<byte>(RecordHeader.WindowBytes, pinned: true);
        var at = (int)(_appended % RecordHeader.WindowBytes);
        int first = Math.Min(bytes.Length, _kept.Length - at);
        bytes[..first].CopyTo(_kept.AsSpan(at));
        bytes[first..].CopyTo(_kept);
        Volatile.Write(ref _appended, _appended + (ulong)bytes.Length);
    }

    /// <summary>The newest bytes were not sent after all.</summary>
    public void Withdraw(int bytes) => Volatile.Write(ref _appended, _appended - (ulong)bytes);

    /// <summary>Kept bytes from a position on: as many as lie in one piece.</summary>
    /// <param name="position">From <see cref="Consumed"/> to <see cref="Appended"/>.</param>
    /// <param name="most">At most so many.</param>
    public ReadOnlySpan<byte> From(ulong position, int most)
    {
        if (position >= _appended)
            return default;
        var at = (int)(position % RecordHeader.WindowBytes);
        var length = (int)Math.Min((ulong)Math.Min(most, RecordHeader.WindowBytes - at), _appended - position);
        return _kept.AsSpan(at, length);
    }

    /// <summary>The other side has consumed so many bytes.</summary>
    /// <exception cref="ProtocolException">It has not: it said more before, or less was sent.</exception>
    public void Acknowledge(ulong position)
    {
        if (position < _consumed || position > Appended)
            throw Wrong("consumed", position);
        Volatile.Write(ref _consumed, position);
    }

    /// <summary>The other side says how far it has come, and wants what follows.</summary>
    /// <exception cref="ProtocolException">That is not kept, or cannot be; nothing has changed.</exception>
    public void Resume(in Opening peer)
    {
        if (peer.Received < peer.Consumed || peer.Received > Appended)
            throw Wrong("received", peer.Received);
        Acknowledge(peer.Consumed);
    }

    private ProtocolException Wrong(string what, ulong position) => new(
        $"the other side says that it has {what} {position} bytes; it may be {_consumed} to {Appended}");
}
