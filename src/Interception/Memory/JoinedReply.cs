using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>Several replies as one: over when all are, failed as the first that failed.</summary>
internal sealed class JoinedReply : Reply
{
    private readonly Reply[] _parts;
    private int _left;

    public JoinedReply(Reply[] parts)
    {
        _parts = parts;
        _left = parts.Length;
        foreach (Reply part in parts)
            part.ContinueWith(End);
    }

    public override Opcode Expected => Opcode.Done;

    protected override void Take(in Frame frame)
    {
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _left) != 0)
            return;
        if (Array.Find(_parts, part => part.Code != OpenClErrors.Success) is { } failed)
            Fail(failed.Code, failed.Why);
        else
            Complete(default);
    }
}
