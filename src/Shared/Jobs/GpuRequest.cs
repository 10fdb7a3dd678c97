using System.IO.Enumeration;
using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Jobs;

/// <summary>
/// How much GPU a job needs: whole devices, or the same part of each of <see cref="Count"/> devices. Where only one of
/// memory and compute is given, the other is the same share of the device.
/// </summary>
public sealed record GpuRequest
{
    /// <summary>The pool of a document that names none.</summary>
    public const string DefaultPool = "default";

    /// <summary>Fits every model.</summary>
    public const string AnyModel = "*";

    /// <summary>Stands between the patterns of <see cref="Model"/>; none has it in it.</summary>
    public const char ModelSeparator = '|';

    /// <summary>The whole of each device, shared with nobody.</summary>
    public bool Whole { get; init; }

    /// <summary>A named slice of each device, such as <c>3g.20gb</c> or <c>A100-10C</c>; null for none. It decides on
    /// memory and compute, and on models that have it.</summary>
    public string? Profile { get; init; }

    /// <summary>An SR-IOV virtual function of each device.</summary>
    public bool Function { get; init; }

    /// <summary>Memory of each device in bytes; null if given as a percentage or not at all.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Memory of each device in percent of what it has; null if given in bytes or not at all.</summary>
    public double? MemoryPercent { get; init; }

    /// <summary>Share of each device's compute, 1 to 100; null if not given.</summary>
    public int? ComputePercent { get; init; }

    /// <summary>Of a part: how much it gets of the compute that nobody has reserved.</summary>
    public ShareLevel Shares { get; init; } = ShareLevel.Normal;

    /// <summary>Of a part: the most compute that it gets although nobody else wants it, in percent of the device.</summary>
    public int ComputeLimitPercent { get; init; } = 100;

    /// <summary>How many devices, all on one host.</summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Patterns for the model's name, one of which must fit, separated by <see cref="ModelSeparator"/>; <c>*</c> stands
    /// for any characters.
    /// </summary>
    public string Model { get; init; } = AnyModel;

    /// <summary>What several devices must have in common beside their host.</summary>
    public GpuTopology Topology { get; init; }

    /// <summary>Who makes the device, without regard to case; null for anybody.</summary>
    public string? Vendor { get; init; }

    /// <summary>Memory that the whole device must have at least, in bytes.</summary>
    public long DeviceMemoryBytes { get; init; }

    /// <summary>CUDA compute capability that the device must have at least; null for any, or none.</summary>
    public Version? ComputeCapability { get; init; }

    /// <summary>The version that the device's driver must have at least: up to four numbers; null for any.</summary>
    public string? Driver { get; init; }

    /// <summary>Network adapters must be able to read and write the device's memory.</summary>
    public bool Rdma { get; init; }

    /// <summary>The NUMA node that the device must be attached to; null for any.</summary>
    public int? NumaNode { get; init; }

    /// <summary>The pool to be placed in.</summary>
    public string Pool { get; init; } = DefaultPool;

    /// <summary>The patterns of <see cref="Model"/>.</summary>
    public string[] ModelPatterns() => Model.Split(ModelSeparator);

    /// <summary>The patterns as people read them: <c>'A30' or 'H100*'</c>.</summary>
    public string ModelWords() => string.Join(" or ", ModelPatterns().Select(pattern => $"'{pattern}'"));

    /// <summary>A pattern of <see cref="Model"/> fits a device's model name; case does not matter.</summary>
    public bool MatchesModel(string model)
    {
        foreach (var pattern in Model.AsSpan().Split(ModelSeparator))
        {
            if (FileSystemName.MatchesSimpleExpression(Model.AsSpan(pattern), model))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What this request takes of a device with <paramref name="deviceMemoryBytes"/> bytes.</summary>
    public GpuShare ShareOf(long deviceMemoryBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deviceMemoryBytes);
        if (Whole)
        {
            return new GpuShare(deviceMemoryBytes, 100);
        }

        var percent = MemoryPercent
            ?? (MemoryBytes is { } bytes ? 100.0 * bytes / deviceMemoryBytes : ComputePercent ?? 100);
        return new GpuShare(
            MemoryBytes ?? (long)(deviceMemoryBytes * (percent / 100.0)),
            ComputePercent ?? Math.Clamp((int)Math.Ceiling(percent), 1, 100));
    }
}

/// <summary>A part of one device.</summary>
/// <param name="MemoryBytes">Memory in bytes.</param>
/// <param name="ComputePercent">Share of the compute, 1 to 100.</param>
public readonly record struct GpuShare(long MemoryBytes, int ComputePercent);
