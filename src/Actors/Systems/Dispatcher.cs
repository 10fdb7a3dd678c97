using GpuActors.Actors.Runtime;

namespace GpuActors.Actors;

/// <summary>
/// Gives actors their turns on the runtime. On the thread pool it keeps the actor that was scheduled last by a turn
/// for the same thread: after the turn its message is still in the cache, and no other thread need be woken, which
/// makes a ping-pong several times faster. Whatever is scheduled besides goes to the pool, and <see cref="TurnWatch"/>
/// takes the kept actor away from a turn that takes long. Under simulation the seed decides all order, so nothing is
/// kept there.
/// </summary>
internal sealed class Dispatcher(ActorSystem system)
{
    /// <summary>Turns in a row on one thread before other work of the pool gets it.</summary>
    private const int TurnsInARowMax = 64;

    private readonly bool _keepsNext = system.Runtime is ProductionRuntime;
    private readonly int _throughput = system.Settings.Throughput;

    public void Schedule(ActorCell cell)
    {
        if (_keepsNext && TurnSlot.OfThread is { IsOpen: true } slot)
        {
            if (slot.Put(cell) is { } displaced)
            {
                displaced.System.Runtime.Execute(displaced);
            }

            return;
        }

        system.Runtime.Execute(cell);
    }

    public void Run(ActorCell cell)
    {
        var slot = TurnSlot.Get();
        if (!_keepsNext)
        {
            RunTurn(cell, slot);
            return;
        }

        slot.Open();
        RunTurn(cell, slot);
        for (var turns = 1; slot.Take() is { } next; turns++)
        {
            if (turns == TurnsInARowMax)
            {
                slot.Close();
                next.System.Runtime.Execute(next);
                return;
            }

            next.System.Dispatcher.RunTurn(next, slot);
        }

        slot.Close();
    }

    private void RunTurn(ActorCell cell, TurnSlot slot)
    {
        if (cell.RunTurn(slot, _throughput))
        {
            system.Runtime.Execute(cell); // behind everything else
        }
    }
}
