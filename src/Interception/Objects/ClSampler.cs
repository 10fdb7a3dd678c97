using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A sampler.</summary>
internal sealed class ClSampler : ClObject, IClKind
{
    private readonly bool _isNormalized;
    private readonly uint _addressing;
    private readonly uint _filter;
    private readonly ulong[] _properties;

    private ClSampler(ClContext context, bool isNormalized, uint addressing, uint filter, ulong[] properties)
    {
        Context = context;
        _isNormalized = isNormalized;
        _addressing = addressing;
        _filter = filter;
        _properties = properties;
        Id = context.Stream.NextId();
        context.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidSampler;

    public ulong Id { get; }

    public ClContext Context { get; }

    /// <summary><c>clCreateSampler</c>.</summary>
    /// <param name="context">Where.</param>
    /// <param name="isNormalized"><c>cl_bool</c>: coordinates from 0 to 1.</param>
    /// <param name="addressing"><c>cl_addressing_mode</c>.</param>
    /// <param name="filter"><c>cl_filter_mode</c>.</param>
    /// <param name="properties">The list that the program gave, with its final zero; empty when it gave none.</param>
    /// <exception cref="ClFailure">There is no such mode, or no device has images.</exception>
    public static ClSampler Create(
        ClContext context, ulong isNormalized, ulong addressing, ulong filter, ulong[] properties)
    {
        ClFailure.Unless(
            isNormalized <= 1 && addressing is >= (uint)AddressingMode.None and <= (uint)AddressingMode.MirroredRepeat
            && (filter is (uint)FilterMode.Nearest or (uint)FilterMode.Linear),
            OpenClErrors.InvalidValue);
        // Repetition is of coordinates from 0 to 1.
        ClFailure.Unless(isNormalized == 1 || addressing < (uint)AddressingMode.Repeat, OpenClErrors.InvalidValue);
        ClFailure.Unless(
            Array.Exists(context.Devices, device => device.Number<uint>(ClNames.DeviceImageSupport) != 0),
            OpenClErrors.InvalidOperation);
        var sampler = new ClSampler(context, isNormalized == 1, (uint)addressing, (uint)filter, properties);
        context.SendAll(new CreateSampler(
            sampler.Id, context.Id, sampler._isNormalized, (AddressingMode)addressing, (FilterMode)filter));
        return sampler;
    }

    /// <summary><c>clGetSamplerInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer) => name switch
    {
        MemoryNames.SamplerReferenceCount => answer.Value(References),
        MemoryNames.SamplerContext => answer.Value(Context.Handle),
        MemoryNames.SamplerNormalized => answer.Flag(_isNormalized),
        MemoryNames.SamplerAddressing => answer.Value(_addressing),
        MemoryNames.SamplerFilter => answer.Value(_filter),
        MemoryNames.SamplerProperties => answer.Array<ulong>(_properties),
        _ => OpenClErrors.InvalidValue,
    };

    protected override void Destroy()
    {
        Context.Release(Id);
        Context.Drop();
    }
}
