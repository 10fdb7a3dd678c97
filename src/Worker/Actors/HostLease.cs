namespace GpuActors.Worker.Actors;

/// <summary>
/// The worker's side of its lease, on its own monotonic clock. A renewal counts from the moment it was asked for, so
/// the worker's lease always ends before the scheduler believes that it has.
/// </summary>
public sealed class HostLease
{
    private TimeSpan _endsAt = TimeSpan.MinValue;

    /// <summary>The lease was granted for <paramref name="length"/> by an answer to a request sent at <paramref name="sentAt"/>.</summary>
    public void Extend(TimeSpan sentAt, TimeSpan length)
    {
        var endsAt = sentAt + length;
        _endsAt = endsAt > _endsAt ? endsAt : _endsAt;
    }

    /// <summary>When it ends; <see cref="TimeSpan.MinValue"/> before the first.</summary>
    public TimeSpan EndsAt => _endsAt;

    /// <summary>The lease holds at <paramref name="now"/>.</summary>
    public bool HoldsAt(TimeSpan now) => now < _endsAt;
}
