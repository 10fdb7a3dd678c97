using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>Entry points about samplers.</summary>
internal static unsafe class SamplerEntries
{
    public static void Fill(nint* table)
    {
        table[(int)Slot.CreateSampler] = (nint)(delegate* unmanaged<nint, uint, uint, uint, int*, nint>)&Create;
        table[(int)Slot.CreateSamplerWithProperties] =
            (nint)(delegate* unmanaged<nint, ulong*, int*, nint>)&CreateWithProperties;
        table[(int)Slot.RetainSampler] = (nint)(delegate* unmanaged<nint, int>)&Retain;
        table[(int)Slot.ReleaseSampler] = (nint)(delegate* unmanaged<nint, int>)&Release;
        table[(int)Slot.GetSamplerInfo] = (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetInfo;
    }

    [UnmanagedCallersOnly]
    private static nint Create(nint context, uint isNormalized, uint addressing, uint filter, int* code)
    {
        try
        {
            return Outcome.Created(
                ClSampler.Create(HandleTable.Get<ClContext>(context), isNormalized, addressing, filter, []), code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateWithProperties(nint context, ulong* properties, int* code)
    {
        try
        {
            ClContext owner = HandleTable.Get<ClContext>(context);
            var values = new Dictionary<ulong, ulong>();
            int length = 0;
            for (; properties is not null && properties[length] != 0; length += 2)
            {
                ClFailure.Unless(
                    properties[length] is >= MemoryNames.SamplerNormalized and <= MemoryNames.SamplerFilter
                    && values.TryAdd(properties[length], properties[length + 1]),
                    OpenClErrors.InvalidValue);
            }
            ulong[] list = properties is null ? [] : new ReadOnlySpan<ulong>(properties, length + 1).ToArray();
            ClSampler made = ClSampler.Create(
                owner, values.GetValueOrDefault(MemoryNames.SamplerNormalized, 1u),
                values.GetValueOrDefault(MemoryNames.SamplerAddressing, (ulong)AddressingMode.Clamp),
                values.GetValueOrDefault(MemoryNames.SamplerFilter, (ulong)FilterMode.Nearest), list);
            return Outcome.Created(made, code);
        }
        catch (Exception exception)
        {
            return Outcome.Failed(exception, code);
        }
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint sampler) => Outcome.Retained<ClSampler>(sampler);

    [UnmanagedCallersOnly]
    private static int Release(nint sampler) => Outcome.Released<ClSampler>(sampler);

    [UnmanagedCallersOnly]
    private static int GetInfo(nint sampler, uint name, nuint size, void* value, nuint* needed)
    {
        try
        {
            return HandleTable.Get<ClSampler>(sampler).Info(name, new InfoAnswer(size, value, needed));
        }
        catch (Exception exception)
        {
            return Outcome.Code(exception);
        }
    }
}
