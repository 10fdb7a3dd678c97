using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Knows which commands are done, in whatever order the device does them, and says so: acknowledgements, replies,
/// notifications, errors, fences. The reader begins commands; driver threads end them.
/// </summary>
/// <remarks>
/// A completion callback costs microseconds, so an in-order queue gets one for the newest command of each batch of
/// input, and of what precedes a fence or a finish; when it comes, all before it are done too. No OpenCL call that
/// may run callbacks is made under the lock.
/// A reply goes out before its command counts as done, so a fence's reply never overtakes those of the commands before.
/// </remarks>
internal sealed partial class CommandTracker(
    Outbox outbox, StagingPool staging, PrintfCapture printf, TimeProvider time, TurnGate? turns = null)
{
    /// <summary>Most commands between the oldest that is not done and the newest: the session's queue depth.</summary>
    public const int Depth = 1 << 16;

    /// <summary>Frames that a client may send beyond the last acknowledgement, and bytes.</summary>
    public const uint WindowCommands = 4096;
    public const ulong WindowBytes = 8 << 20;

    private static readonly TimeSpan AckInterval = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly bool[] _done = new bool[Depth];
    private readonly HashSet<ulong> _unanswered = [];
    private readonly Queue<ulong> _fences = new();
    private readonly HashSet<QueueObject> _active = [];
    private readonly HashSet<WatchedEvent> _subscribed = [];
    private readonly Stack<PendingCommand> _ending = new();
    private ulong _processed;
    private ulong _processedBytes;
    private ulong _completed;
    private Ack _lastAck;
    private long _lastAckTime;
    private long _answeringSince;
    private long _answering;
    private bool _replied;
    private bool _failed;
    private (ulong Sequence, Error Error)? _firstError;

    /// <summary>Commands begun and not done.</summary>
    public ulong InFlight
    {
        get
        {
            lock (_gate)
                return _processed - _completed;
        }
    }

    /// <summary>Whether <see cref="Begin"/> would wait.</summary>
    public bool IsFull(ulong sequence)
    {
        lock (_gate)
            return sequence - _completed >= Depth;
    }

    /// <summary>The session ended: its first error is no business of the next one's fences.</summary>
    public void ForgetErrors()
    {
        lock (_gate)
            _firstError = null;
    }

    /// <summary>The reader took a command off the wire. Waits while the queue depth is used up.</summary>
    /// <returns>False when it is used up and waiting would be in vain.</returns>
    public bool Begin(ulong sequence, ulong processedBytes, Func<bool> mayWait)
    {
        lock (_gate)
        {
            while (sequence - _completed >= Depth)
            {
                if (!mayWait())
                    return false;
                Monitor.Wait(_gate);
            }
            _done[Slot(sequence)] = false;
            _processed = sequence;
            _processedBytes = processedBytes;
            return true;
        }
    }

    /// <summary>The client wants an answer to the command that was begun, and waits for it sooner or later.</summary>
    public void Owe(ulong sequence)
    {
        lock (_gate)
        {
            if (_unanswered.Count == 0)
                _answeringSince = time.GetTimestamp();
            _unanswered.Add(sequence);
        }
    }

    /// <summary>Data of the command came in.</summary>
    public void CountBytes(ulong processedBytes)
    {
        lock (_gate)
            _processedBytes = processedBytes;
    }

    /// <summary>A command without a reply is done.</summary>
    public void Complete(ulong sequence)
    {
        lock (_gate)
            MarkDone(sequence);
    }

    /// <summary>A command is done, and this is its reply.</summary>
    public void Complete<T>(ulong sequence, in T reply)
        where T : struct, IFrameBody
    {
        lock (_gate)
        {
            Reply(sequence, reply);
            MarkDone(sequence);
        }
    }

    /// <summary>A command failed.</summary>
    public void Fail(ulong sequence, Error error)
    {
        lock (_gate)
        {
            ReportError(sequence, error);
            MarkDone(sequence);
        }
    }

    /// <summary>The fence is done once all before it are.</summary>
    public void Fence(ulong sequence)
    {
        lock (_gate)
        {
            _fences.Enqueue(sequence);
            Advance();
        }
    }

    /// <summary>Enqueued work is under way.</summary>
    public void Track(PendingCommand command)
    {
        lock (_gate)
        {
            if (command.Handle == 0 && command.Queue.Pending.Count == 0)
            {
                End(command, OpenClErrors.Success);
                return;
            }
            command.Node = command.Queue.Pending.AddLast(command);
            _active.Add(command.Queue);
        }
    }

    /// <summary>Whether all that was enqueued on the queue is known to be done.</summary>
    public bool IsIdle(QueueObject queue)
    {
        lock (_gate)
            return queue.Pending.Count == 0;
    }

    /// <summary>Why the queue takes nothing more, or null.</summary>
    public Error? StoppedReason(QueueObject queue)
    {
        lock (_gate)
            return queue.Stopped;
    }

    /// <summary>A queue that stops on errors had one.</summary>
    public void Stop(QueueObject queue, ulong sequence, Error error)
    {
        lock (_gate)
            StopQueue(queue, sequence, error);
    }

    /// <summary>Acknowledges when the client needs it to go on or would otherwise not hear for long.</summary>
    public void AcknowledgeIfDue()
    {
        lock (_gate)
        {
            bool due = _replied || _completed == _processed;
            bool windowShrinks = _processed - _lastAck.Processed >= WindowCommands / 4
                || _processedBytes - _lastAck.ProcessedBytes >= WindowBytes / 4;
            if (due || windowShrinks || time.GetElapsedTime(_lastAckTime) >= AckInterval)
                Acknowledge();
        }
    }

    private static int Slot(ulong sequence) => (int)(sequence & (Depth - 1));

    private void MarkDone(ulong sequence)
    {
        _done[Slot(sequence)] = true;
        Advance();
    }

    private void Advance()
    {
        ulong before = _completed;
        while (_completed < _processed)
        {
            ulong next = _completed + 1;
            if (_fences.TryPeek(out ulong fence) && fence == next)
            {
                _fences.Dequeue();
                ReplyToFence(fence);
                _completed = next;
            }
            else if (_done[Slot(next)])
            {
                _completed = next;
            }
            else
            {
                break;
            }
        }
        if (_completed != before)
            Monitor.PulseAll(_gate);
    }

    private void ReplyToFence(ulong fence)
    {
        if (_firstError is { } first)
        {
            _firstError = null;
            Reply(fence, first.Error with { Text = $"command #{first.Sequence}: {first.Error.Text}" });
        }
        else
        {
            Reply(fence, default(Done));
        }
    }

    private void Reply<T>(ulong sequence, in T reply)
        where T : struct, IFrameBody
    {
        outbox.Append(sequence, reply);
        _replied = true;
        if (_unanswered.Remove(sequence) && _unanswered.Count == 0)
        {
            _answering += time.GetTimestamp() - _answeringSince;
            turns?.NoteAnswering(_answering);
        }
    }

    private void ReportError(ulong sequence, Error error)
    {
        _firstError ??= (sequence, error);
        Reply(sequence, error);
    }

    private void Acknowledge()
    {
        var ack = new Ack(_processed, _processedBytes, _completed);
        _replied = false;
        if (ack == _lastAck)
            return;
        _lastAck = ack;
        _lastAckTime = time.GetTimestamp();
        outbox.Append(0, ack);
    }
}
