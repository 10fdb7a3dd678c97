using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace GpuActors.Shared.Devices;

/// <summary>Why a slice finds no place on a GPU.</summary>
public enum LayoutRefusal
{
    /// <summary>It finds one.</summary>
    None,

    /// <summary>Another kind of slice is there, or its operator has set another mode.</summary>
    WrongMode,

    /// <summary>The model can't be divided like that.</summary>
    NotOfModel,

    /// <summary>Slices there are of another size, and the mode wants all equal.</summary>
    OtherSize,

    /// <summary>There are as many of the profile as may be.</summary>
    TooMany,

    /// <summary>No place on the memory line is free.</summary>
    NoPlace,

    /// <summary>Too little memory is free.</summary>
    NoMemory,

    /// <summary>Too little compute is free.</summary>
    NoCompute,
}

/// <summary>
/// The slices on one GPU and the mode that it is in. A GPU changes its mode only while it is empty: to the one that an
/// operator has set, or, where several are allowed, to the one that the first slice needs. Plain data with decisions:
/// no clock, no input or output.
/// </summary>
public sealed class GpuLayout
{
    private readonly List<PlacedSlice> _slices = [];
    private readonly IReadOnlyList<GpuMode> _allowed;
    private UInt128 _occupied;
    private long _memoryUsed;
    private int _computeUsed;
    private int _unitsUsed;

    /// <summary>An empty GPU.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="memoryBytes">Its memory.</param>
    /// <param name="computeUnits">Its compute units.</param>
    /// <param name="allowed">Modes that it may be in, the preferred ones first; one: it is set.</param>
    public GpuLayout(GpuModel model, long memoryBytes, int computeUnits, IReadOnlyList<GpuMode> allowed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfZero(allowed.Count);
        (Model, MemoryBytes, ComputeUnits, _allowed) = (model, memoryBytes, computeUnits, allowed);
    }

    /// <summary>Its model.</summary>
    public GpuModel Model { get; }

    /// <summary>Its memory.</summary>
    public long MemoryBytes { get; }

    /// <summary>Its compute units.</summary>
    public int ComputeUnits { get; }

    /// <summary>The slices, in the order in which they came.</summary>
    public IReadOnlyList<PlacedSlice> Slices => _slices;

    /// <summary>Modes that it may be in, the preferred ones first.</summary>
    public IReadOnlyList<GpuMode> Allowed => _allowed;

    /// <summary>The mode that it is in: that of its slices, or the only one allowed; null while it is open.</summary>
    public GpuMode? Mode => _slices.Count > 0 ? _slices[0].Mode : _allowed.Count == 1 ? _allowed[0] : null;

    /// <summary>Memory that no slice has.</summary>
    public long MemoryFree => MemoryBytes - _memoryUsed;

    /// <summary>Compute that no slice has, in percent.</summary>
    public int ComputeFree => 100 - _computeUsed;

    /// <summary>Compute units that are no slice's own.</summary>
    public int ComputeUnitsFree => ComputeUnits - _unitsUsed;

    /// <summary>The memory line of a mode; null if slices have no places there.</summary>
    public MemoryLine? LineOf(GpuMode mode) => mode switch
    {
        GpuMode.Mig => Model.Mig,
        GpuMode.VgpuMixed => Model.Vgpu?.Mixed,
        _ => null,
    };

    /// <summary>The units of the memory line in use, as bits.</summary>
    public UInt128 Occupied => _occupied;

    /// <summary>Where and as what a slice would go; changes nothing.</summary>
    /// <remarks>Beside slices of a mode that is not allowed any more nothing finds a place until they are gone.</remarks>
    public LayoutRefusal TryFind(SliceShape shape, out PlacedSlice place)
    {
        var refusal = LayoutRefusal.WrongMode;
        place = default;
        for (var i = 0; i < _allowed.Count; i++)
        {
            var mode = _allowed[i];
            if (_slices.Count > 0 && _slices[0].Mode != mode)
            {
                continue;
            }

            var tried = TryFind(mode, shape, out place);
            if (tried == LayoutRefusal.None)
            {
                place = place with { Number = FreeNumber() };
                return LayoutRefusal.None;
            }

            refusal = tried == LayoutRefusal.WrongMode ? refusal : tried;
        }

        return refusal;
    }

    /// <summary>Puts a slice there that <see cref="TryFind(SliceShape, out PlacedSlice)"/> found, or that was recorded.</summary>
    /// <exception cref="InvalidOperationException">It would break a rule: capacity would be given twice.</exception>
    public void Add(PlacedSlice slice)
    {
        if (!TryAdd(slice, out var conflict))
        {
            throw new InvalidOperationException(conflict);
        }
    }

    /// <summary>Puts a recorded slice there if it breaks no rule of this device, whatever modes are allowed now.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="conflict">Which rule it would break, as a sentence; null if none.</param>
    public bool TryAdd(PlacedSlice slice, [NotNullWhen(false)] out string? conflict)
    {
        conflict = ConflictOf(slice);
        if (conflict is not null)
        {
            return false;
        }

        _slices.Add(slice);
        _occupied |= UnitsOf(slice);
        _memoryUsed += slice.MemoryBytes;
        _computeUsed += slice.ComputePercent;
        _unitsUsed += slice.ComputeUnits;
        return true;
    }

    /// <summary>How many slices of a shape could be added one after the other.</summary>
    public int CountFitting(SliceShape shape)
    {
        var scratch = new GpuLayout(Model, MemoryBytes, ComputeUnits, _allowed);
        _slices.ForEach(scratch.Add);
        while (scratch.TryFind(shape, out var place) == LayoutRefusal.None)
        {
            scratch.Add(place);
        }

        return scratch._slices.Count - _slices.Count;
    }

    /// <summary>
    /// How much of the memory line a place takes from all profiles: the sizes of the free places that would be free no
    /// longer. 0 for what has no place on a line.
    /// </summary>
    public int CostOf(PlacedSlice place) =>
        place.Start >= 0 && LineOf(place.Mode) is { } line ? line.CostOf(_occupied, UnitsOf(place)) : 0;

    /// <summary>Takes a slice away; false if it is not there.</summary>
    public bool Remove(int number)
    {
        var index = _slices.FindIndex(slice => slice.Number == number);
        if (index < 0)
        {
            return false;
        }

        var slice = _slices[index];
        _occupied &= ~UnitsOf(slice);
        _memoryUsed -= slice.MemoryBytes;
        _computeUsed -= slice.ComputePercent;
        _unitsUsed -= slice.ComputeUnits;
        _slices.RemoveAt(index);
        return true;
    }

    private string? ConflictOf(PlacedSlice slice)
    {
        if (HasNumber(slice.Number))
        {
            return $"Slice {slice.Number} is there already.";
        }

        if (_slices.Count > 0 && _slices[0].Mode != slice.Mode)
        {
            return $"A slice of mode {GpuModes.NameOf(slice.Mode)} can't lie beside one of {GpuModes.NameOf(_slices[0].Mode)}.";
        }

        if (slice.Profile is { } profile && ConflictOf(slice, profile) is { } conflict)
        {
            return conflict;
        }

        var overlaps = (_occupied & UnitsOf(slice)) != UInt128.Zero || slice.MemoryBytes > MemoryFree
            || slice.ComputePercent > ComputeFree
            || (slice.Mode == GpuMode.Passthrough && _slices.Count > 0)
            || (slice.Mode == GpuMode.Sriov && _slices.Count >= Model.Functions);
        return overlaps ? $"Slice {slice.Number} overlaps what others have." : null;
    }

    private string? ConflictOf(PlacedSlice slice, SliceProfile profile)
    {
        if (slice.Mode == GpuMode.Vgpu)
        {
            return FindEqual(profile, out _) == LayoutRefusal.None ? null : $"Slice {slice.Number}: {profile} has no place.";
        }

        var line = LineOf(slice.Mode);
        var index = line?.IndexOf(profile) ?? -1;
        return index >= 0 && line!.IsLegal(_occupied, index, slice.Start) && CountLike(profile) < MaxOf(slice.Mode, profile)
            ? null
            : $"Slice {slice.Number}: {profile} can't begin at {slice.Start} of the memory line.";
    }

    private LayoutRefusal TryFind(GpuMode mode, SliceShape shape, out PlacedSlice place)
    {
        place = default;
        return (mode, shape) switch
        {
            (GpuMode.Passthrough, SliceShape.Whole) => FindWhole(out place),
            (GpuMode.Shared, SliceShape.Fraction fraction) => FindFraction(fraction, out place),
            (GpuMode.Sriov, SliceShape.Function) => FindFunction(out place),
            (GpuMode.Vgpu, SliceShape.OfProfile { Profile: { Kind: SliceKind.Vgpu } type }) => FindEqual(type, out place),
            (GpuMode.VgpuMixed, SliceShape.OfProfile { Profile: { Kind: SliceKind.Vgpu } type }) =>
                FindOnLine(GpuMode.VgpuMixed, type, out place),
            (GpuMode.Mig, SliceShape.OfProfile { Profile: { Kind: SliceKind.Mig } profile }) =>
                FindOnLine(GpuMode.Mig, profile, out place),
            _ => LayoutRefusal.WrongMode,
        };
    }

    private LayoutRefusal FindWhole(out PlacedSlice place)
    {
        place = new PlacedSlice(0, GpuMode.Passthrough, null, -1, MemoryBytes, 100, 0);
        return _slices.Count == 0 ? LayoutRefusal.None : LayoutRefusal.TooMany;
    }

    private LayoutRefusal FindFraction(SliceShape.Fraction fraction, out PlacedSlice place)
    {
        place = new PlacedSlice(0, GpuMode.Shared, null, -1, fraction.MemoryBytes, fraction.ComputePercent, 0);
        return fraction.MemoryBytes > MemoryFree ? LayoutRefusal.NoMemory
            : fraction.ComputePercent > ComputeFree ? LayoutRefusal.NoCompute
            : LayoutRefusal.None;
    }

    private LayoutRefusal FindFunction(out PlacedSlice place)
    {
        place = default;
        if (Model.Functions == 0)
        {
            return LayoutRefusal.NotOfModel;
        }

        place = new PlacedSlice(
            0, GpuMode.Sriov, null, -1, MemoryBytes / Model.Functions, 0, Math.Max(1, ComputeUnits / Model.Functions));
        return _slices.Count >= Model.Functions ? LayoutRefusal.TooMany
            : place.MemoryBytes > MemoryFree ? LayoutRefusal.NoMemory // functions of a larger device were recorded here
            : LayoutRefusal.None;
    }

    // Types of different series may lie side by side as long as their memory is equal (Virtual GPU User Guide, 7).
    private LayoutRefusal FindEqual(SliceProfile type, out PlacedSlice place)
    {
        place = new PlacedSlice(0, GpuMode.Vgpu, type, -1, type.MemoryBytes, 0, 0);
        return Model.Vgpu?.Contains(type) is not true ? LayoutRefusal.NotOfModel
            : _slices.Count > 0 && _slices[0].MemoryBytes != type.MemoryBytes ? LayoutRefusal.OtherSize
            : _slices.Count >= type.Max ? LayoutRefusal.TooMany
            : type.MemoryBytes > MemoryFree ? LayoutRefusal.NoMemory
            : LayoutRefusal.None;
    }

    private LayoutRefusal FindOnLine(GpuMode mode, SliceProfile profile, out PlacedSlice place)
    {
        place = default;
        var line = LineOf(mode);
        if (line is null || line.IndexOf(profile) is not (>= 0 and var index))
        {
            return LayoutRefusal.NotOfModel;
        }

        if (CountLike(profile) >= MaxOf(mode, profile))
        {
            return LayoutRefusal.TooMany;
        }

        if (line.BestStart(_occupied, index) is not (>= 0 and var start))
        {
            return LayoutRefusal.NoPlace;
        }

        if (profile.MemoryBytes > MemoryFree)
        {
            return LayoutRefusal.NoMemory;
        }

        place = new PlacedSlice(0, mode, profile, start, profile.MemoryBytes, 0, profile.ComputeUnits);
        return LayoutRefusal.None;
    }

    private static int MaxOf(GpuMode mode, SliceProfile profile) =>
        mode == GpuMode.Mig ? profile.Max : profile.Starts.Count;

    /// <summary>There is one set of media engines, whatever the size of the slice that has it.</summary>
    private int CountLike(SliceProfile profile)
    {
        var count = 0;
        foreach (var slice in CollectionsMarshal.AsSpan(_slices))
        {
            var isLike = slice.Profile is { } other && (ReferenceEquals(other, profile) || other.Name == profile.Name
                || (profile.HasMediaEngines && other.HasMediaEngines));
            count += isLike ? 1 : 0;
        }

        return count;
    }

    private bool HasNumber(int number)
    {
        foreach (var slice in CollectionsMarshal.AsSpan(_slices))
        {
            if (slice.Number == number)
            {
                return true;
            }
        }

        return false;
    }

    private int FreeNumber()
    {
        var number = 0;
        while (HasNumber(number))
        {
            number++;
        }

        return number;
    }

    private static UInt128 UnitsOf(PlacedSlice slice) =>
        slice.Start < 0 ? UInt128.Zero : MemoryLine.Interval(slice.Start, slice.Profile!.Size);
}
