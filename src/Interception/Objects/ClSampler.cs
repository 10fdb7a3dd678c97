using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A sampler.</summary>
internal sealed class ClSampler : ClObject, IClKind
{
    public ClSampler(ClContext context)
    {
        Context = context;
        Id = context.Stream.NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidSampler;

    public ulong Id { get; }

    public ClContext Context { get; }

    public CommandStream Stream => Context.Stream;

    protected override void Destroy()
    {
        Stream.Release(Id);
        Context.Drop();
    }
}
