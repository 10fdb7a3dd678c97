namespace GpuActors.Actors;

/// <summary>
/// Frees actors that wait in a <see cref="TurnSlot"/> behind a turn that blocks or computes for long. A thread of its
/// own, since the pool's may all be blocked; it sleeps while no turns run.
/// </summary>
internal static class TurnWatch
{
    private const int IdleLooksBeforeSleep = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly Lock Registration = new();
    private static readonly ManualResetEventSlim Activity = new(initialState: false, spinCount: 0);
    private static TurnSlot[] s_slots = [];
    private static bool s_isAsleep;
    private static bool s_isStarted;

    public static void Register(TurnSlot slot)
    {
        lock (Registration)
        {
            s_slots = [.. s_slots.Where(s => s.IsInUse), slot];
            if (!s_isStarted)
            {
                s_isStarted = true;
#pragma warning disable RS0030 // belongs to the real thread pool; the simulation has no slots
                new Thread(Watch) { IsBackground = true, Name = "actor turn watch" }.Start();
#pragma warning restore RS0030
            }
        }
    }

    public static void WakeIfAsleep()
    {
        if (Volatile.Read(ref s_isAsleep))
        {
            Activity.Set();
        }
    }

    private static void Watch()
    {
        var idleLooks = 0;
        while (true)
        {
#pragma warning disable RS0030 // as above
            Thread.Sleep(Interval);
#pragma warning restore RS0030
            idleLooks = LookAtSlots() ? 0 : idleLooks + 1;
            if (idleLooks >= IdleLooksBeforeSleep)
            {
                SleepUntilActivity();
                idleLooks = 0;
            }
        }
    }

    /// <summary>Frees what waited since the last look; false when no thread runs turns.</summary>
    private static bool LookAtSlots()
    {
        var isAnyOpen = false;
        foreach (var slot in Volatile.Read(ref s_slots))
        {
            isAnyOpen |= slot.IsOpen;
            var taken = slot.TakenCount;
            if (slot.HasNext && taken == slot.TakenCountSeen && slot.TakeAway() is { } stuck)
            {
                stuck.System.Runtime.Execute(stuck);
            }

            slot.TakenCountSeen = taken;
        }

        return isAnyOpen;
    }

    private static void SleepUntilActivity()
    {
        Activity.Reset();
        Volatile.Write(ref s_isAsleep, true);
        Interlocked.MemoryBarrier();
        if (!LookAtSlots())
        {
            Activity.Wait();
        }

        Volatile.Write(ref s_isAsleep, false);
    }
}
