using System.Diagnostics.Metrics;

namespace GpuActors.Actors;

/// <summary>Counters of the meter <c>GpuActors.Actors</c>. Only rare events: a message costs nothing here.</summary>
internal sealed class ActorMetrics
{
    private static readonly Meter Meter = new("GpuActors.Actors");

    private static readonly Counter<long> DeadLetters =
        Meter.CreateCounter<long>("actors.dead_letters", "{message}", "Messages that reached no actor");

    private static readonly Counter<long> Restarts =
        Meter.CreateCounter<long>("actors.restarts", "{restart}", "Actors restarted by their supervisor");

    private static readonly Counter<long> Overflows =
        Meter.CreateCounter<long>("actors.mailbox_overflows", "{message}", "Messages refused by a full mailbox");

    public void DeadLetter() => DeadLetters.Add(1);

    public void Restarted() => Restarts.Add(1);

    public void MailboxOverflowed() => Overflows.Add(1);
}
