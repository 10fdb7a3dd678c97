using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A buffer, a part of one, or an image.</summary>
internal abstract class ClMemory : ClObject, IClKind
{
    protected ClMemory(ClContext context)
    {
        Context = context;
        Id = context.Stream.NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidMemObject;

    public ulong Id { get; }

    public ClContext Context { get; }

    public CommandStream Stream => Context.Stream;

    /// <summary>Called when it is gone; the newest first.</summary>
    public DestructorCalls Destructors { get; } = new();

    protected override void Destroy()
    {
        Stream.Release(Id);
        Destructors.Run(Handle);
        Context.Drop();
    }
}
