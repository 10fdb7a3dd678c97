using System.Buffers;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Envelopes in the order sent, their payloads side by side in chunks. Two of them take turns in an
/// <see cref="Outbox"/>: senders fill one while the writer empties the other, and both keep their memory.
/// </summary>
sealed class OutboundBatch
{
    const int ChunkBytes = 64 * 1024;
    const int KeptEnvelopes = 4096;

    readonly List<byte[]> _fullChunks = [];
    OutboundEnvelope[] _envelopes = [];
    byte[] _chunk = [];
    int _chunkUsed;
    int _end;
    int _next;

    public bool IsEmpty => _next == _end;

    /// <summary>The first envelope that is left.</summary>
    public ref readonly OutboundEnvelope Peek() => ref _envelopes[_next];

    /// <summary>Takes the first envelope out; its payload stays valid until <see cref="Reset"/>.</summary>
    public void Advance() => _envelopes[_next++] = default;

    public void Add(in OutboundEnvelope envelope, ReadOnlySpan<byte> payload)
    {
        if (_end == _envelopes.Length)
        {
            Array.Resize(ref _envelopes, Math.Max(64, 2 * _end));
        }

        _envelopes[_end++] = payload.IsEmpty ? envelope : envelope with { Payload = Store(payload) };
    }

    /// <summary>Makes an emptied batch ready to be filled.</summary>
    public void Reset()
    {
        foreach (var chunk in _fullChunks)
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        _fullChunks.Clear();
        _chunkUsed = 0;
        _next = _end = 0;
        if (_envelopes.Length > KeptEnvelopes)
        {
            _envelopes = [];
        }
    }

    ArraySegment<byte> Store(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > ChunkBytes / 2)
        {
            var own = ArrayPool<byte>.Shared.Rent(payload.Length);
            _fullChunks.Add(own);
            payload.CopyTo(own);
            return new ArraySegment<byte>(own, 0, payload.Length);
        }

        if (_chunk.Length - _chunkUsed < payload.Length)
        {
            if (_chunk.Length > 0)
            {
                _fullChunks.Add(_chunk);
            }

            _chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
            _chunkUsed = 0;
        }

        payload.CopyTo(_chunk.AsSpan(_chunkUsed));
        var stored = new ArraySegment<byte>(_chunk, _chunkUsed, payload.Length);
        _chunkUsed += payload.Length;
        return stored;
    }
}
