namespace GpuActors.Actors;

/// <summary>Something that an actor system has once: remoting, sharding, a journal.</summary>
public interface IExtension;

/// <summary>Makes an extension when a system first needs it.</summary>
public interface IExtensionId<out T>
    where T : class, IExtension
{
    T CreateExtension(ActorSystem system);
}
