using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>Something that a thread can wait for on a command stream.</summary>
internal interface IAwaited
{
    /// <summary>Whether the wait is over.</summary>
    bool IsOver { get; }
}

/// <summary>
/// The reply to one command, to come. Whichever thread reads the socket completes it; that thread must not be held up,
/// so overrides do little and never send.
/// </summary>
internal abstract unsafe class Reply : IAwaited
{
    private volatile bool _isOver;
    private Action? _continuation;

    public bool IsOver => _isOver;

    /// <summary>0, or the code with which the command failed.</summary>
    public int Code { get; private set; }

    /// <summary>What the executor said about the failure.</summary>
    public string? Why { get; private set; }

    /// <summary>Whether nobody waits for it: then the background thread reads until it is there.</summary>
    public bool IsUnattended { get; init; }

    /// <summary>The frame that it is.</summary>
    public abstract Opcode Expected { get; }

    /// <summary>Throws what the command failed with.</summary>
    public void ThrowIfFailed()
    {
        if (Code != OpenClErrors.Success)
            throw new ClFailure(Code, Why);
    }

    /// <summary>
    /// Runs <paramref name="action"/> once the reply is there (at once if it is), on the thread that reads the socket:
    /// it must neither block nor call the program.
    /// </summary>
    public void ContinueWith(Action action)
    {
        lock (this)
        {
            if (!_isOver)
            {
                _continuation += action;
                return;
            }
        }
        action();
    }

    /// <summary>Where a piece of the command's data goes; null throws it away.</summary>
    public virtual byte* BeginData(ulong offset, int length) => null;

    /// <summary>The piece is there.</summary>
    public virtual void EndData(ulong offset, int length)
    {
    }

    internal void Complete(in Frame frame)
    {
        try
        {
            Take(frame);
        }
        catch (Exception exception)
        {
            Fail(OpenClErrors.Protocol, exception.Message);
            throw;
        }
        End();
    }

    internal void Fail(int code, string? why)
    {
        Code = ClFailure.ToStandard(code);
        Why = why;
        End();
    }

    /// <summary>Reads the frame.</summary>
    protected abstract void Take(in Frame frame);

    private void End()
    {
        Action? continuation;
        lock (this)
        {
            _isOver = true;
            continuation = _continuation;
            _continuation = null;
        }
        continuation?.Invoke();
    }
}

/// <summary>A reply of one kind.</summary>
internal class Reply<T> : Reply
    where T : struct, IFrameBody<T>
{
    /// <summary>The reply, once it is there and the command has not failed.</summary>
    public T Value { get; private set; }

    public override Opcode Expected => T.Code;

    protected override void Take(in Frame frame) => Value = CommandReader.Read<T>(frame);
}

/// <summary>The reply to a read: its data go straight from the socket to where the program wants them.</summary>
internal sealed unsafe class ReadReply(byte* destination, ulong bytes) : Reply<Done>
{
    public override byte* BeginData(ulong offset, int length) =>
        offset <= bytes && (ulong)length <= bytes - offset
            ? destination + offset
            : throw new ProtocolException($"data at {offset} of {length} bytes; {bytes} were asked for");
}
