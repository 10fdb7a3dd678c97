using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>Reserve slices for a session; answered by <see cref="Reserved"/> once durable, or <see cref="NoRoom"/>.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Avoid">Hosts to use only if nothing else fits.</param>
/// <param name="Forbidden">Devices, <c>HOST/INDEX</c>, that are kept for others.</param>
/// <param name="Terms">What its queue has to know of it while it holds them.</param>
/// <param name="Needs">What it asks of its host and of its neighbours there; null: nothing.</param>
/// <param name="After">
/// The highest epoch that the session, or its queue, knows of: that of the reservation is higher, whichever cell gave it.
/// </param>
public sealed record ReserveSlices(
    string Session,
    GpuRequest Request,
    string[] Avoid,
    string[]? Forbidden = null,
    QueueTerms? Terms = null,
    HostNeeds? Needs = null,
    long After = 0);

/// <summary>The slices are the session's from now on.</summary>
/// <param name="Session">Whose they are.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="Slices">The slices.</param>
/// <param name="Cell">The cell that reserved them; null: the pool's cell 0.</param>
public sealed record Reserved(string Session, long Epoch, SliceGrant[] Slices, string? Cell = null);

/// <summary>Nothing fits in the cell at present.</summary>
/// <param name="Session">Whose request it was.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="CouldFit">
/// It would fit if the hosts that are there now were empty, and does not only wait for others of its tenant to come or go.
/// </param>
/// <param name="Cell">The cell that says so; null: the pool's cell 0.</param>
/// <param name="Reasons">Why, one by one, to be merged with those of other cells; null where there are none.</param>
public sealed record NoRoom(
    string Session, string Reason, bool CouldFit, string? Cell = null, PlacementReason[]? Reasons = null);

/// <summary>The session has no use for the slices of that epoch any more.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="HostLost">
/// They were lost with their host. A cell that missed that gives nothing more there until the host's twin says that it
/// is up; otherwise a session could lose one attempt after the other to the same lost host.
/// </param>
public sealed record ReleaseSlices(string Session, long Epoch, bool HostLost = false);

/// <summary>Capacity was freed or has come.</summary>
/// <param name="Session">Whose it was; null: nobody's.</param>
/// <param name="Epoch">Of the reservation that is over.</param>
/// <param name="Gpus">Where; null: nobody says.</param>
/// <param name="Cell">The cell that says so; null: the pool's cell 0.</param>
public sealed record CapacityFreed(
    string? Session = null, long Epoch = 0, FreedGpu[]? Gpus = null, string? Cell = null);

/// <summary>A host is given nothing any more.</summary>
/// <param name="Cell">The cell that says so; null: the pool's cell 0.</param>
public sealed record PoolChanged(string? Cell = null);

/// <summary>A host may be given slices, for up to <paramref name="Slots"/> sessions at once.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Gpus">Its devices.</param>
/// <param name="Slots">How many sessions it runs at once.</param>
/// <param name="Lease">Number of its lease.</param>
/// <param name="Machine">What it has beside GPUs; null: not known.</param>
/// <param name="LastEpoch">
/// The highest epoch that its worker was seen with: slices there are given under higher ones, also if another cell gave
/// them before.
/// </param>
public sealed record HostUp(
    string Host,
    GpuInventory[] Gpus,
    int Slots,
    long Lease = 0,
    HostInventory? Machine = null,
    long LastEpoch = 0);

/// <summary>
/// A host goes on holding its lease. A cell that does not know it as one that may be given slices under that lease
/// (because the cell was started anew, or missed a message) answers <see cref="AnnounceHost"/>.
/// </summary>
public sealed record HostAlive(string Host, long Lease = 0);

/// <summary>Asks a host's twin for <see cref="HostUp"/>.</summary>
public sealed record AnnounceHost(string Host) : IHostMessage;

/// <summary>A host is given nothing new; what it runs goes on.</summary>
public sealed record HostClosed(string Host);

/// <summary>A host is gone with all that ran there.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Reason">For people.</param>
/// <param name="Lease">
/// The lease that is over. Messages may be kept on their way, so this can arrive when the host is back under a newer
/// one: what was granted under that is not concerned.
/// </param>
public sealed record HostGone(string Host, string Reason, long Lease);

/// <summary>Asks for the cell's devices and slices; answered by <see cref="CellInventory"/>.</summary>
public sealed record GetCellInventory;

/// <summary>What a cell has, copied.</summary>
/// <param name="Devices">Devices that their hosts have reported, with the slices that are reserved there.</param>
/// <param name="Elsewhere">Reserved slices of devices that have not been reported since the cell was started.</param>
/// <param name="Hosts">What hosts have beside GPUs; null: nobody says.</param>
/// <param name="Cell">The cell; null: the pool's cell 0.</param>
public sealed record CellInventory(
    DeviceUse[] Devices, OwnedSlice[]? Elsewhere = null, HostUse[]? Hosts = null, string? Cell = null);

/// <summary>What one host has beside GPUs.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Machine">As its worker reported it.</param>
/// <param name="Available">It may be given new slices.</param>
/// <param name="CpuFreeMilli">CPU that no session has; below 0 if they have more than is there now.</param>
/// <param name="MemoryFreeBytes">Memory of the host that no session has; below 0 likewise.</param>
public sealed record HostUse(
    string Host, HostInventory Machine, bool Available, long CpuFreeMilli, long MemoryFreeBytes);

/// <summary>Why is the session where it is, or nowhere? Changes nothing; answered by <see cref="PlacementExplained"/>.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Needs">What it asks of its host and of its neighbours there; null: nothing.</param>
public sealed record ExplainPlacement(string Session, GpuRequest Request, HostNeeds? Needs = null);

/// <summary>Answer to <see cref="ExplainPlacement"/>.</summary>
/// <param name="Summary">All in a sentence.</param>
/// <param name="Choice">Why there; null if it owns nothing, or that is not known.</param>
/// <param name="Reasons">What keeps it off hosts and GPUs.</param>
/// <param name="Help">What would make room.</param>
/// <param name="Moves">Sessions that could move and so make room; null or empty: none.</param>
/// <param name="CouldFit">It would fit in the cell if the hosts that are there now were empty, or does already.</param>
/// <param name="IsOwner">It owns slices of the cell.</param>
public sealed record PlacementExplained(
    string Summary,
    PlacementChoice? Choice,
    PlacementReason[] Reasons,
    string[] Help,
    ProposedMove[]? Moves = null,
    bool CouldFit = true,
    bool IsOwner = false);

/// <summary>One device and the slices reserved on it.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Gpu">The device as its worker found it.</param>
/// <param name="Available">It may be given new slices.</param>
/// <param name="Slices">Those that sessions own, in the order of their epochs.</param>
/// <param name="Setting">The mode that it is set to; null: whichever is needed.</param>
public sealed record DeviceUse(
    string Host, GpuInventory Gpu, bool Available, OwnedSlice[] Slices, GpuMode? Setting = null);

/// <summary>One slice and its owner.</summary>
/// <param name="Slice">The slice.</param>
/// <param name="Session">Whose it is.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="Since">When it was reserved.</param>
/// <param name="Terms">What its queue has to know of it.</param>
/// <param name="Taken">What the session has of its host beside all its slices; null: nothing.</param>
public sealed record OwnedSlice(
    SliceGrant Slice,
    string Session,
    long Epoch,
    DateTimeOffset Since,
    QueueTerms? Terms = null,
    HostTaken? Taken = null);

/// <summary>Sets the mode of an empty device; answered by <see cref="GpuModeAnswer"/>.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="GpuIndex">Index of the device.</param>
/// <param name="Mode">The mode; null: whichever is needed.</param>
/// <param name="By">Who wants it.</param>
public sealed record SetGpuMode(string Host, int GpuIndex, GpuMode? Mode, string By);

/// <summary>How a <see cref="SetGpuMode"/> ended.</summary>
public enum GpuModeResult
{
    /// <summary>It is set, and that is durable.</summary>
    Set,

    /// <summary>There is no such device.</summary>
    NoSuchGpu,

    /// <summary>Sessions own slices of it.</summary>
    NotEmpty,

    /// <summary>Its worker does not allow that mode, or its model does not have it.</summary>
    NotAllowed,
}

/// <summary>Answers <see cref="SetGpuMode"/>.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Device">The device; null if there is none.</param>
public sealed record GpuModeAnswer(GpuModeResult Result, DeviceUse? Device);

/// <summary>An operator set the mode of an empty device; the cell's third kind of event.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="GpuIndex">Index of the device.</param>
/// <param name="Mode">The mode; null: whichever is needed.</param>
/// <param name="By">Who wanted it.</param>
/// <param name="At">When.</param>
public sealed record GpuModeSet(string Host, int GpuIndex, GpuMode? Mode, string By, DateTimeOffset At);

/// <summary>Slices were reserved; the cell's first kind of event.</summary>
/// <param name="Session">Whose they are.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="Slices">What was reserved.</param>
/// <param name="At">When.</param>
/// <param name="Choice">Why there; null in what was written before this was recorded.</param>
/// <param name="Terms">What its queue has to know of it; null in what was written before there were any.</param>
/// <param name="Taken">What it takes of its host beside; null: nothing.</param>
public sealed record SliceReserved(
    string Session,
    long Epoch,
    SliceGrant[] Slices,
    DateTimeOffset At,
    PlacementChoice? Choice = null,
    QueueTerms? Terms = null,
    HostTaken? Taken = null);

/// <summary>Slices were given back; the cell's second kind of event.</summary>
public sealed record SliceReleased(string Session, long Epoch, DateTimeOffset At);

/// <summary>All that a cell's journal says, so that recovery need not read all events.</summary>
/// <param name="LastEpoch">The highest epoch given.</param>
/// <param name="Reservations">Those that are left.</param>
/// <param name="Modes">The last mode set of each device; null in what was written before there were modes.</param>
public sealed record CellSnapshot(long LastEpoch, SliceReserved[] Reservations, GpuModeSet[]? Modes = null);
