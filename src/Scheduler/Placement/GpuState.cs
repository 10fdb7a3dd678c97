using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// One device as its host reports it, and the slices that the journal says are on it. A host may come back with another
/// device than the one on which slices were recorded: those that can't lie on it stay reserved as <em>misfits</em>, and
/// nothing new is placed there until they are gone.
/// </summary>
public sealed class GpuState
{
    private static readonly GpuMode[] ModesByDefault = [GpuMode.Passthrough, GpuMode.Shared];

    private readonly List<SliceGrant> _grants = [];
    private readonly List<SliceGrant> _misfits = [];
    private GpuLayout? _empty;

    /// <summary>A device with nothing reserved on it.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="inventory">The device as its worker found it.</param>
    /// <param name="models">What devices can be cut into.</param>
    /// <param name="setting">The mode that it is set to; null: whichever is needed.</param>
    /// <param name="hostLease">Number of the host's lease.</param>
    public GpuState(
        string host, GpuInventory inventory, GpuModels models, GpuMode? setting = null, long hostLease = 0)
    {
        (Host, Inventory, Setting, HostLease) = (host, inventory, setting, hostLease);
        Model = models.Find(inventory.Model) ?? models.Recognize(inventory.Model);
        AllowedModes = [.. (inventory.Modes is { Length: > 0 } modes ? modes : ModesByDefault).Where(Model.Supports)];
        Layout = NewLayout();
    }

    /// <summary>The host's name.</summary>
    public string Host { get; }

    /// <summary>Number of the host's lease.</summary>
    public long HostLease { get; }

    /// <summary>The device as its worker found it.</summary>
    public GpuInventory Inventory { get; }

    /// <summary>What it can be cut into.</summary>
    public GpuModel Model { get; }

    /// <summary>Modes that its worker allows and its model has, the preferred ones first.</summary>
    public IReadOnlyList<GpuMode> AllowedModes { get; }

    /// <summary>The mode that an operator, or else its worker's settings, set it to; null: whichever is needed.</summary>
    public GpuMode? Setting { get; private set; }

    /// <summary>Its slices, without misfits.</summary>
    public GpuLayout Layout { get; private set; }

    /// <summary>It is set to a mode that it can't be in.</summary>
    public bool IsClosed => AllowedModes.Count == 0 || (Setting is { } set && !AllowedModes.Contains(set));

    /// <summary>Slices were recorded on it that can't lie on what its host reports now.</summary>
    public bool HasMisfits => _misfits.Count > 0;

    /// <summary>How many slices there are.</summary>
    public int SliceCount => Layout.Slices.Count + _misfits.Count;

    /// <summary>Memory that is still free, in bytes.</summary>
    public long MemoryFree => Math.Max(0, Layout.MemoryFree - _misfits.Sum(misfit => misfit.MemoryBytes));

    /// <summary>Compute that no fraction has reserved, in percent.</summary>
    public int ComputeFree => Math.Max(0, Layout.ComputeFree - _misfits.Sum(misfit => misfit.ComputePercent));

    /// <summary>The mode that it is in: that of its slices, or the one that it is set to; null while it is open.</summary>
    public GpuMode? Mode => SliceCount == 0 ? Setting
        : Layout.Slices.Count > 0 ? Layout.Slices[0].Mode : ModeOf(_misfits[0]);

    /// <summary>The mode that a slice was granted in; before there were modes only two kinds were.</summary>
    public static GpuMode ModeOf(SliceGrant grant) =>
        grant.Mode ?? (grant.Whole ? GpuMode.Passthrough : GpuMode.Shared);

    /// <summary>Where a slice would go; changes nothing. The caller has seen that there are no misfits.</summary>
    public LayoutRefusal TryFind(SliceShape shape, out PlacedSlice place)
    {
        place = default;
        return IsClosed ? LayoutRefusal.WrongMode : Layout.TryFind(shape, out place);
    }

    /// <summary>Whether it would take a slice if it were empty.</summary>
    public bool CouldHold(SliceShape shape) =>
        !IsClosed && (_empty ??= NewLayout()).TryFind(shape, out _) == LayoutRefusal.None;

    /// <summary>The slice that a request gets at a place.</summary>
    public SliceGrant Grant(PlacedSlice place, GpuRequest request)
    {
        var isFraction = place.Mode == GpuMode.Shared;
        return new SliceGrant(
            SliceName.Of(Host, Inventory.Index, place.Number),
            Host,
            Inventory.Index,
            place.MemoryBytes,
            place.ComputePercent,
            request.Whole,
            HostLease,
            place.Mode,
            place.Profile?.Name,
            place.Start,
            place.ComputeUnits,
            isFraction ? request.Shares : ShareLevel.Normal,
            isFraction ? Math.Max(request.ComputeLimitPercent, place.ComputePercent) : 100);
    }

    /// <summary>Takes a slice that was just decided on out of what is free.</summary>
    /// <exception cref="InvalidOperationException">Capacity would be given twice.</exception>
    public void Take(SliceGrant grant)
    {
        var conflict = $"{Model.Name} has no such slice.";
        if (PlaceOf(grant) is not { } place || !Layout.TryAdd(place, out conflict))
        {
            throw new InvalidOperationException($"{grant.Name} can't be reserved: {conflict}");
        }

        _grants.Add(grant);
    }

    /// <summary>Puts a recorded slice back; one that can't lie here stays reserved as a misfit.</summary>
    public void Restore(SliceGrant grant)
    {
        _grants.Add(grant);
        PutBack(grant);
    }

    private void PutBack(SliceGrant grant)
    {
        if (PlaceOf(grant) is not { } place || !Layout.TryAdd(place, out _))
        {
            _misfits.Add(grant);
        }
    }

    /// <summary>Gives <paramref name="grant"/> back.</summary>
    /// <exception cref="InvalidOperationException">It is not reserved.</exception>
    public void Give(SliceGrant grant)
    {
        if (_grants.RemoveAll(other => other.Name == grant.Name) == 0)
        {
            throw new InvalidOperationException($"Slice {grant.Name} is not reserved.");
        }

        if (!HasMisfits)
        {
            Layout.Remove(SliceName.NumberOf(grant.Name));
            return;
        }

        // It may be what others had no room beside. All anew, so that it is as if the journal had just been read.
        _misfits.Clear();
        Layout = NewLayout();
        _grants.ForEach(PutBack);
    }

    /// <summary>Sets the mode of an empty device.</summary>
    /// <exception cref="InvalidOperationException">It is not empty.</exception>
    public void Set(GpuMode? setting)
    {
        if (SliceCount > 0)
        {
            throw new InvalidOperationException($"{Host}/{Inventory.Index} has slices; its mode can't change.");
        }

        Setting = setting;
        _empty = null;
        Layout = NewLayout();
    }

    private GpuLayout NewLayout() => new(
        Model,
        Math.Max(1, Inventory.MemoryBytes),
        Inventory.ComputeUnits,
        Setting is { } set ? [set] : AllowedModes.Count > 0 ? AllowedModes : ModesByDefault);

    /// <summary>Null if the model has no such profile, or has another one of that name.</summary>
    private PlacedSlice? PlaceOf(SliceGrant grant)
    {
        var profile = grant.Profile is { } name ? Model.FindProfile(name) : null;
        if (grant.Profile is not null
            && (profile is null || profile.MemoryBytes != grant.MemoryBytes || profile.ComputeUnits != grant.ComputeUnits))
        {
            return null;
        }

        return new PlacedSlice(
            SliceName.NumberOf(grant.Name),
            ModeOf(grant),
            profile,
            grant.Start,
            grant.MemoryBytes,
            grant.ComputePercent,
            grant.ComputeUnits);
    }
}
