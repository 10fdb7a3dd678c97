using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>
/// Moves the content of a memory object from one slice to another, through this process: read there and written here,
/// part by part, of which two at most are here at one time. Commands on the target wait for a user event, which is set
/// when the last part is written, or with the code of what failed.
/// </summary>
internal sealed unsafe class Move
{
    /// <summary>Bytes of a part at most.</summary>
    private const ulong PartBytes = 2 << 20;

    private const int Unknown = int.MaxValue;

    private readonly ClMemory _root;
    private readonly int _from;
    private readonly int _to;
    private readonly ulong[] _after;
    private readonly List<Box> _parts;
    private ulong _readQueue;
    private ulong _writeQueue;
    private int _unwritten;
    private int _failure;
    private int _ended = Unknown;
    private int _users = 2; // the placement, and the move itself
    private Action? _next;

    private Move(ClMemory root, int from, int to, ulong[] after)
    {
        _root = root;
        _from = from;
        _to = to;
        _after = after;
        _parts = root.PartsOf(PartBytes);
        _unwritten = _parts.Count;
        Id = Target.NextId();
    }

    /// <summary>The event that commands on the target wait for.</summary>
    public ulong Id { get; }

    /// <summary>0, or the code with which it failed; null until it has ended.</summary>
    public int? Ended => Volatile.Read(ref _ended) is var code && code == Unknown ? null : code;

    /// <summary>Whether the slice that had the content is lost.</summary>
    public bool IsSourceLost => Source.IsLost;

    private CommandStream Source => _root.Context.Streams[_from];

    private CommandStream Target => _root.Context.Streams[_to];

    /// <summary>Begins one; does not wait for it.</summary>
    /// <param name="root">What is moved. It is there on both slices, and stays until the move has ended.</param>
    /// <param name="from">Index of the slice that has the content.</param>
    /// <param name="to">Index of the slice that gets it.</param>
    /// <param name="after">Events of the source to wait for.</param>
    /// <param name="before">An earlier move to the same slice, which comes first.</param>
    /// <exception cref="ClFailure">The connection to the target is lost.</exception>
    public static Move Start(ClMemory root, int from, int to, ulong[] after, Move? before)
    {
        var move = new Move(root, from, to, after);
        move.Target.Send(new CreateUserEvent(move.Id, root.Context.Id));
        move.Target.OpenBridge();
        root.Hold();
        move.Begin(before);
        return move;
    }

    /// <summary>The placement will not wait for it any more.</summary>
    public void Forget()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Target.Release(Id);
    }

    private void ContinueWith(Action next)
    {
        lock (_parts)
        {
            if (_ended == Unknown)
            {
                _next = next;
                return;
            }
        }
        next();
    }

    /// <summary>The first read is sent now, while what it waits for is known by its id; writes follow the earlier move's.</summary>
    private void Begin(Move? before)
    {
        try
        {
            _readQueue = _root.Context.RentQueue(_from);
            _writeQueue = _root.Context.RentQueue(_to);
            PartReply first = Read(0, _after);
            Source.Flush();
            void Carry() => first.ContinueWith(() => Target.Mover.Post(() => this.Carry(first)));
            if (before is null)
                Carry();
            else
                before.ContinueWith(Carry);
        }
        catch (ClFailure failure)
        {
            End(failure.Code);
        }
    }

    /// <summary>Reads the rest and writes all; on the target's thread for that.</summary>
    private void Carry(PartReply part)
    {
        var written = 0;
        try
        {
            while (true)
            {
                part.ThrowIfFailed();
                PartReply? next = written + 1 < _parts.Count ? Read(written + 1, []) : null;
                if (next is not null)
                    Source.Flush();
                Write(written++, part);
                part.Free();
                if (next is null)
                    return;
                Source.FlushAndWait(next);
                part = next;
            }
        }
        catch (Exception exception)
        {
            part.Free();
            Volatile.Write(ref _failure, (exception as ClFailure)?.Code ?? OpenClErrors.OutOfResources);
            Done(_parts.Count - written);
        }
    }

    private PartReply Read(int part, ulong[] after)
    {
        var reply = new PartReply(_root.BytesOf(_parts[part])) { IsUnattended = true };
        _root.SendRead(Source, new Enqueue(_readQueue, 0, after), _parts[part], reply);
        return reply;
    }

    private void Write(int part, PartReply content)
    {
        var counted = 0;
        void Count(int code)
        {
            if (Interlocked.Exchange(ref counted, 1) != 0)
                return;
            if (code != OpenClErrors.Success)
                Volatile.Write(ref _failure, code);
            Done(1);
        }
        var reply = new EndReply { IsUnattended = true };
        reply.ContinueWith(() => Count(reply.Code));
        try
        {
            _root.SendWrite(
                Target, new Enqueue(_writeQueue, Notify: true), _parts[part], content.Data, reply);
            Target.Flush();
        }
        catch (ClFailure failure)
        {
            Count(failure.Code);
            throw;
        }
    }

    private void Done(int parts)
    {
        if (Interlocked.Add(ref _unwritten, -parts) == 0)
            Target.Relay.Post(() => End(Volatile.Read(ref _failure)));
    }

    private void End(int code)
    {
        try
        {
            Target.Send(new SetUserEventStatus(Id, Math.Min(code, 0)));
            Target.Flush();
        }
        catch (ClFailure)
        {
            // the target is lost: whoever waits there has been told
        }
        Target.CloseBridge();
        if (code < 0)
            Target.Blame(code);
        if (_readQueue != 0)
            _root.Context.ReturnQueue(_from, _readQueue);
        if (_writeQueue != 0)
            _root.Context.ReturnQueue(_to, _writeQueue);
        Action? next;
        lock (_parts)
        {
            _ended = code;
            next = _next;
        }
        Forget();
        next?.Invoke();
        _root.Drop();
    }

    /// <summary>A part of the content; the memory for it is taken when it comes.</summary>
    private sealed class PartReply(ulong bytes) : Reply<Done>
    {
        private byte* _data;

        ~PartReply() => NativeMemory.Free(_data);

        public PlainData Data => new(_data, bytes);

        public void Free()
        {
            NativeMemory.Free(_data);
            _data = null;
        }

        public override byte* BeginData(ulong offset, int length)
        {
            if (offset > bytes || (ulong)length > bytes - offset)
                throw new ProtocolException($"data at {offset} of {length} bytes; {bytes} were asked for");
            if (_data is null)
                _data = (byte*)NativeMemory.Alloc((nuint)bytes);
            return _data + offset;
        }
    }
}
