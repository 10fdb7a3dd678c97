using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// The one writer of an association. It is woken when its queue gets its first envelope, packs what is there into
/// frames, hands them to the connection in few large writes, and sleeps again when the queue is empty: nothing waits
/// for company, and what gathers while a write is under way shares the next. A connection that does not take more
/// stops the writer, not the senders; their queue fills.
/// </summary>
sealed class AssociationWriter : IThreadPoolWorkItem
{
    /// <summary>A frame is closed at this size; a longer message has a frame of its own.</summary>
    const int FrameBytesTarget = 32 * 1024;

    /// <summary>Bytes handed to the connection at once.</summary>
    const int FlushBytes = 64 * 1024;

    readonly Association _association;
    readonly Address _localAddress;
    readonly WireBuffer _frame;
    readonly Action _afterFlush;
    ValueTaskAwaiter<FlushResult> _flush;
    EnvelopeWriter _envelopes;
    Link? _link;
    int _unflushedBytes;
    int _unflushedCount;
    long _unflushedCost;
    bool _saidGoodbye;

    public AssociationWriter(Association association, Address localAddress, int maxFrameBytes)
    {
        _association = association;
        _localAddress = localAddress;
        _frame = new WireBuffer(maxFrameBytes);
        _afterFlush = AfterFlush;
        _envelopes = new EnvelopeWriter(localAddress);
    }

    Outbox Outbox => _association.Outbox;

    /// <summary>Runs until there is nothing to write, nowhere to write it, or the connection takes no more.</summary>
    public void Execute()
    {
        while (true)
        {
            if (!TryUseLink())
            {
                Outbox.Park(byWriter: true);
                if (!_association.HasOpenLink || !Outbox.Unpark())
                {
                    return;
                }
            }
            else if (TryFillFrames())
            {
                if (!TryFlush())
                {
                    return;
                }
            }
            else if (Outbox.TrySleep() && (ReferenceEquals(_association.CurrentLink, _link) || !Outbox.Unpark()))
            {
                return;
            }
        }
    }

    bool TryUseLink()
    {
        var current = _association.CurrentLink;
        if (!ReferenceEquals(current, _link))
        {
            LeaveLink();
            _link = current;
            if (current is not null)
            {
                EnterLink(current);
            }
        }

        return current is { IsClosed: false };
    }

    void EnterLink(Link link)
    {
        _envelopes = new EnvelopeWriter(_localAddress); // A new connection starts with empty compression tables.
        if (link.Welcome is { } welcome)
        {
            FrameCodec.Write(link.Connection.Output, welcome);
            _unflushedBytes = welcome.Length;
        }
    }

    void LeaveLink()
    {
        _link?.Session.Sealer.Dispose();
        CountOut(); // What the old connection was given and may not have sent is lost, as a message may be.
    }

    /// <summary>True when there is something to flush.</summary>
    bool TryFillFrames()
    {
        try
        {
            while (_unflushedBytes < FlushBytes && Outbox.NextBatch() is { } batch)
            {
                FillFrame(batch);
                _link!.Session.Sealer.Seal(_frame.WrittenSpan, _link.Connection.Output);
                _unflushedBytes += _frame.Count;
            }
        }
        catch (Exception e)
        {
            // The pipe was completed under us, or an envelope could not be written: this stream has a gap now.
            _association.CloseLink(_link!, $"writing failed: {e.Message}");
            return false;
        }

        return _unflushedBytes > 0;
    }

    void FillFrame(OutboundBatch batch)
    {
        _frame.Clear();
        do
        {
            ref readonly var envelope = ref batch.Peek();
            if (_frame.Count > 0 && _frame.Count + envelope.Payload.Count > FrameBytesTarget)
            {
                return;
            }

            _unflushedCount++;
            _unflushedCost += envelope.CostBytes;
            _saidGoodbye |= envelope.Kind == EnvelopeKind.Goodbye;
            _envelopes.Write(_frame, envelope);
            batch.Advance();
        }
        while (!batch.IsEmpty);
    }

    /// <summary>False while the connection takes no more; the writer goes on in <see cref="AfterFlush"/>.</summary>
    bool TryFlush()
    {
        try
        {
#pragma warning disable CA2012 // consumed once, by EndFlush
            _flush = _link!.Connection.Output.FlushAsync().GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception e)
        {
            _association.CloseLink(_link!, $"writing failed: {e.Message}");
            return true;
        }

        if (_flush.IsCompleted)
        {
            EndFlush();
            return true;
        }

        _flush.UnsafeOnCompleted(_afterFlush);
        return false;
    }

    void AfterFlush()
    {
        EndFlush();
        Execute();
    }

    void EndFlush()
    {
        try
        {
#pragma warning disable VSTHRD002 // it has completed
            Flushed(_flush.GetResult());
#pragma warning restore VSTHRD002
        }
        catch (Exception e)
        {
            _association.CloseLink(_link!, $"writing failed: {e.Message}");
        }
    }

    void Flushed(FlushResult result)
    {
        CountOut();
        _association.Sent(_link!);
        if (_saidGoodbye)
        {
            _association.GoodbyeSent();
        }
        else if (result.IsCompleted)
        {
            _association.CloseLink(_link!, "the peer has closed the connection");
        }
    }

    void CountOut()
    {
        if (_unflushedCount > 0 && Outbox.Release(_unflushedCount, _unflushedCost))
        {
            _association.PressureEnded();
        }

        _unflushedBytes = 0;
        _unflushedCount = 0;
        _unflushedCost = 0;
    }
}
