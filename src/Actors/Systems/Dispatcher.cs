namespace GpuActors.Actors;

/// <summary>Gives actors their turns on the runtime.</summary>
internal sealed class Dispatcher(ActorSystem system)
{
    public void Schedule(ActorCell cell) => system.Runtime.Execute(cell);

    public void Run(ActorCell cell)
    {
        if (cell.RunTurn(system.Settings.Throughput))
        {
            Schedule(cell);
        }
    }
}
