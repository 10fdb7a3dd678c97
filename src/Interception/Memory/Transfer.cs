using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>Sends one part of a transfer.</summary>
/// <param name="part">Which.</param>
/// <param name="enqueue">Queue, wait list, event.</param>
/// <param name="reply">Its reply, or null.</param>
/// <returns>The command's number.</returns>
internal delegate ulong SendPart(int part, in Enqueue enqueue, Reply? reply);

/// <summary>
/// Reads, writes, maps and unmaps: one command of the program that is one or several on the wire. Every part waits for
/// the program's wait list. In an in-order queue the last part ends it; in an out-of-order queue a marker over all
/// parts does.
/// </summary>
internal readonly ref struct Transfer
{
    private readonly Submission _submission;
    private readonly bool _isBlocking;
    private readonly uint _commandType;
    private readonly ulong _bytes;

    /// <param name="submission">The command's.</param>
    /// <param name="isBlocking">Whether the call returns when it is done.</param>
    /// <param name="commandType"><c>CL_COMMAND_…</c>.</param>
    /// <param name="bytes">All bytes of it.</param>
    public Transfer(Submission submission, bool isBlocking, uint commandType, ulong bytes)
    {
        _bytes = bytes;
        _submission = submission;
        _isBlocking = isBlocking;
        _commandType = commandType;
    }

    /// <summary>The program's memory that it reads into or writes from; none: the library's own.</summary>
    public HostRange Host { get; init; }

    /// <summary>Reads: each part has a reply. Waits for them if the call blocks.</summary>
    /// <returns>The reply after which everything has arrived.</returns>
    /// <exception cref="ClFailure">The connection is lost, or the call blocks and the read failed.</exception>
    public Reply Read(int parts, Func<int, bool, Reply> makeReply, SendPart send)
    {
        var replies = new Reply[parts];
        for (var i = 0; i < parts; i++)
            replies[i] = makeReply(i, !_isBlocking);
        ulong sequence = Send(parts, replies, null, send);
        Reply whole = parts == 1 ? replies[0] : new JoinedReply(replies);
        if (!_isBlocking)
            ExpectedData.Add(_submission.Queue.Stream, Host, whole);
        End(sequence, whole);
        return whole;
    }

    /// <summary>Writes, and what has no data at all (no part: a marker). Waits for the end if the call blocks.</summary>
    /// <exception cref="ClFailure">The connection is lost, or the call blocks and the write failed.</exception>
    public void Write(int parts, SendPart send)
    {
        if (!Host.IsEmpty)
            ExpectedData.Await(Host);
        EndReply? end = _isBlocking ? new EndReply() : null;
        ulong sequence = Send(parts, null, end, send);
        End(sequence, end);
    }

    private ulong Send(int parts, Reply[]? replies, Reply? end, SendPart send)
    {
        if (_submission.Queue.Context.IsShared)
            _submission.Queue.Stream.AwaitBridges(_bytes);
        Enqueue whole = _submission.Enqueue with { Notify = end is not null };
        if (parts == 1)
            return send(0, whole, replies is null ? end : replies[0]);
        CommandStream stream = _submission.Queue.Stream;
        if (parts == 0)
            return stream.Send(new EnqueueMarker(whole), end);
        bool isInOrder = _submission.Queue.IsInOrder;
        var events = new ulong[isInOrder ? 0 : parts];
        ulong sequence = 0;
        for (var i = 0; i < parts; i++)
        {
            bool isLast = isInOrder && i == parts - 1;
            if (!isInOrder)
                events[i] = stream.NextId();
            Enqueue part = isLast ? whole : whole with { Event = isInOrder ? 0 : events[i], Notify = false };
            sequence = send(i, part, replies is null ? (isLast ? end : null) : replies[i]);
        }
        if (isInOrder)
            return sequence;
        sequence = stream.Send(new EnqueueMarker(whole with { WaitList = events }), end);
        foreach (ulong part in events)
            stream.Release(part);
        return sequence;
    }

    private void End(ulong sequence, Reply? reply)
    {
        _submission.Enqueued(_commandType, sequence, reply);
        if (_isBlocking)
        {
            try
            {
                _submission.Queue.Stream.FlushAndWait(reply!);
            }
            catch (ClFailure)
            {
                _submission.Forget();
                throw;
            }
        }
        _submission.Sent(_commandType, sequence, reply);
    }
}
