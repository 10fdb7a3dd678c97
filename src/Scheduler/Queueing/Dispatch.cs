namespace GpuActors.Scheduler.Queueing;

/// <summary>A unit whose turn it is.</summary>
/// <param name="Unit">The unit; its quota is charged already.</param>
/// <param name="Forbidden">Devices, <c>HOST/INDEX</c>, that are kept for others and that it must not get.</param>
/// <param name="IsBesideHead">Among them are those that are reserved for the head: it would not be over in time.</param>
public sealed record Dispatch(WaitingUnit Unit, string[] Forbidden, bool IsBesideHead);

/// <summary>Devices that are kept for one unit.</summary>
/// <param name="For">The unit's id.</param>
/// <param name="Devices"><c>HOST/INDEX</c> of each.</param>
/// <param name="Until">
/// When the unit can begin there at the latest, if nobody else is put there who runs longer; null: nobody else may be
/// put there at all, because others have had to leave for it.
/// </param>
public sealed record Reservation(string For, string[] Devices, DateTimeOffset? Until);
