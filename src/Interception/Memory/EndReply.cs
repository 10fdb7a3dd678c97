using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>The end of a command that asked to be told of it.</summary>
internal sealed class EndReply : Reply<EventStatus>
{
    protected override void Take(in Frame frame)
    {
        base.Take(frame);
        if (Value.Status < 0)
            Fail(ClFailure.ToStandard(Value.Status), null);
    }
}
