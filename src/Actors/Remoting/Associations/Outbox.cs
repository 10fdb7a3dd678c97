namespace GpuActors.Actors.Remoting.Associations;

/// <summary>What became of an envelope, and what its sender must do about it.</summary>
enum OutboxResult
{
    /// <summary>Queued; the writer will see it.</summary>
    Queued,

    /// <summary>Queued; the writer sleeps and must be woken.</summary>
    WakeWriter,

    /// <summary>Queued; there is no connection to write to.</summary>
    NeedsLink,

    /// <summary>Not queued: the queue holds as many messages or bytes as it may.</summary>
    Full,

    /// <summary>Not queued: the node is shutting down.</summary>
    Closed,
}

/// <summary>
/// The bounded queue of one association. Adding never waits. It also holds the writer's state, so that whoever adds to
/// an empty queue knows at once, and exactly once, that the writer must be woken.
/// </summary>
/// <remarks>Control envelopes are always taken: there is at most one per watched actor and per heartbeat.</remarks>
sealed class Outbox(int maxMessages, long maxBytes)
{
    readonly Lock _gate = new();
    OutboundBatch _filling = new();
    OutboundBatch _emptying = new();
    WriterState _state = WriterState.Parked;
    int _count;
    long _bytes;
    bool _isUnderPressure;
    bool _isClosed;

    enum WriterState
    {
        /// <summary>There is no connection.</summary>
        Parked,

        /// <summary>There is a connection and nothing to write.</summary>
        Idle,

        /// <summary>The writer runs or is about to.</summary>
        Running,
    }

    /// <summary>Envelopes waiting.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Bytes waiting, a fixed cost per envelope included.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Queues an envelope and a copy of its payload.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="payload">Its serialized message.</param>
    /// <param name="pressureBegan">True when this made the queue three quarters full.</param>
    public OutboxResult Add(in OutboundEnvelope envelope, ReadOnlySpan<byte> payload, out bool pressureBegan)
    {
        lock (_gate)
        {
            pressureBegan = false;
            if (_isClosed)
            {
                return OutboxResult.Closed;
            }

            var cost = envelope.CostBytes + payload.Length;
            if (envelope.Kind == EnvelopeKind.Message && (_count >= maxMessages || _bytes + cost > maxBytes))
            {
                return OutboxResult.Full;
            }

            _filling.Add(envelope, payload);
            _count++;
            _bytes += cost;
            pressureBegan = !_isUnderPressure && (_count > maxMessages * 0.75 || _bytes > maxBytes * 0.75);
            _isUnderPressure |= pressureBegan;
            return Wake();
        }
    }

    /// <summary>The writer's next batch, the same one until it is empty; null when nothing waits.</summary>
    public OutboundBatch? NextBatch()
    {
        if (!_emptying.IsEmpty)
        {
            return _emptying;
        }

        _emptying.Reset();
        lock (_gate)
        {
            if (_filling.IsEmpty)
            {
                return null;
            }

            (_filling, _emptying) = (_emptying, _filling);
            return _emptying;
        }
    }

    /// <summary>The writer stops running, unless something has come in the meantime: then false.</summary>
    public bool TrySleep()
    {
        lock (_gate)
        {
            if (!_filling.IsEmpty)
            {
                return false;
            }

            _state = WriterState.Idle;
            return true;
        }
    }

    /// <summary>Counts out what has been written; true when that ended the pressure.</summary>
    public bool Release(int count, long bytes)
    {
        lock (_gate)
        {
            _count -= count;
            _bytes -= bytes;
            var ended = _isUnderPressure && _count < maxMessages * 0.25 && _bytes < maxBytes * 0.25;
            _isUnderPressure &= !ended;
            return ended;
        }
    }

    /// <summary>The connection is gone. Called by the writer, or by others while the writer sleeps.</summary>
    /// <param name="byWriter">Whether it is the writer itself that stops running.</param>
    public void Park(bool byWriter)
    {
        lock (_gate)
        {
            if (_state == WriterState.Idle || (byWriter && _state == WriterState.Running))
            {
                _state = WriterState.Parked;
            }
        }
    }

    /// <summary>There is a connection; true when the writer must be started.</summary>
    public bool Unpark()
    {
        lock (_gate)
        {
            if (_state is not (WriterState.Parked or WriterState.Idle))
            {
                return false;
            }

            _state = WriterState.Running;
            return true;
        }
    }

    /// <summary>Takes everything out, while there is no connection; null when the writer still runs.</summary>
    public List<OutboundEnvelope>? TryDrain()
    {
        lock (_gate)
        {
            return _state == WriterState.Parked ? Drain() : null;
        }
    }

    /// <summary>Refuses everything from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    OutboxResult Wake()
    {
        switch (_state)
        {
            case WriterState.Idle:
                _state = WriterState.Running;
                return OutboxResult.WakeWriter;
            case WriterState.Parked:
                return OutboxResult.NeedsLink;
            default:
                return OutboxResult.Queued;
        }
    }

    List<OutboundEnvelope> Drain()
    {
        var drained = new List<OutboundEnvelope>(_count);
        foreach (var batch in (ReadOnlySpan<OutboundBatch>)[_emptying, _filling])
        {
            while (!batch.IsEmpty)
            {
                drained.Add(batch.Peek());
                batch.Advance();
            }

            batch.Reset();
        }

        _count = 0;
        _bytes = 0;
        _isUnderPressure = false;
        return drained;
    }
}
