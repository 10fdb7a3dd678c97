using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Scheduler;

/// <summary>
/// Sees when another process has taken this node's own scope, <c>node/NAME</c>: a replacement that was started while
/// this process stood still, or one that was given the same name by mistake. Then this process can't go on: what it
/// writes itself is refused, and if it joined again it would set its successor down. The scopes of shards are the
/// regions' own business.
/// </summary>
internal sealed class NodeFence : ReceiveActor
{
    public NodeFence(OwnershipToken node, SchedulerRegions regions) =>
        Receive<OwnershipLost>(lost =>
        {
            if (lost.Token == node)
            {
                var reason = $"This scheduler's own scope '{node.Scope}' was taken over by '{lost.CurrentOwner}': it "
                    + $"holds epoch {node.Epoch}, the newest is {lost.CurrentEpoch}. Another process runs under the "
                    + "same name (scheduler.name); this one ends.";
                Context.System.Runtime.Execute(new TakeOver(regions, reason));
            }
        });

    /// <summary>What waits for it goes on outside of the actor's turn.</summary>
    private sealed class TakeOver(SchedulerRegions regions, string reason) : IThreadPoolWorkItem
    {
        public void Execute() => regions.TakeOver(reason);
    }
}
