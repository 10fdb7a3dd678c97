namespace GpuActors.Actors;

/// <summary>An actor with one method for all messages.</summary>
public abstract class UntypedActor : ActorBase
{
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Handles a message; call <see cref="ActorBase.Unhandled"/> for those it does not know.</summary>
    protected abstract void OnReceive(object message);

    /// <summary>Replaces the current behavior.</summary>
    protected void Become(UntypedReceive receive) => BecomeCore(Adapt(receive), stacked: false);

    /// <summary>Puts a behavior over the current one.</summary>
    protected void BecomeStacked(UntypedReceive receive) => BecomeCore(Adapt(receive), stacked: true);

    private static Receive Adapt(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };
}
