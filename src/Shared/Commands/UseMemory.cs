namespace GpuActors.Shared.Commands;

/// <summary>
/// Client to executor, over a Unix socket, before anything else: the client has mapped the memory whose descriptor came
/// with the welcome. What follows, in both directions, goes through its rings.
/// </summary>
public readonly record struct UseMemory : IFrameBody<UseMemory>
{
    public static Opcode Code => Opcode.UseMemory;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
    }

    public static UseMemory Read(ref FrameReader reader) => default;
}
