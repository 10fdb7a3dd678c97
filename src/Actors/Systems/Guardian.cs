namespace GpuActors.Actors;

/// <summary>
/// The actors above the application's: <c>/</c>, <c>/user</c> and <c>/system</c>. The root stops once <c>/user</c> has,
/// which ends the system; <c>/system</c> goes last.
/// </summary>
internal sealed class Guardian(bool isRoot) : UntypedActor
{
    protected override void PreStart()
    {
        if (isRoot)
        {
            Context.Watch(Context.Child("user"));
        }
    }

    protected override void OnReceive(object message)
    {
        if (isRoot && message is Terminated)
        {
            Context.Stop(Self);
            return;
        }

        Unhandled(message);
    }

    protected override SupervisorStrategy SupervisorStrategy() =>
        isRoot ? Actors.SupervisorStrategy.StoppingStrategy : base.SupervisorStrategy();
}
