namespace GpuActors.Actors;

/// <summary>
/// A path to send to, looked up at each send: <c>/user/a/b</c>, relative to an actor (<c>../b</c>, <c>child</c>), or
/// with an address (<c>akka://system@host:port/user/a</c>). Names only; no wildcards.
/// </summary>
public sealed class ActorSelection : ICanTell
{
    internal ActorSelection(ActorSystem system, ActorCell anchor, string path)
    {
        System = system;
        Path = Combine(system, anchor, path);
    }

    /// <summary>The full path.</summary>
    public ActorPath Path { get; }

    internal ActorSystem System { get; }

    public void Tell(object message, IActorRef? sender) => System.Provider.Resolve(Path).Tell(message, sender);

    /// <summary>The ref of the actor that lives at the path now.</summary>
    /// <exception cref="ActorNotFoundException">None does, or none answered in time.</exception>
    public Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        this.Ask<ActorIdentity>(new Identify(Path.ToString()), timeout, cancellationToken).Then(done =>
        {
            if (done.Failure() is AskTimeoutException e)
            {
                throw new ActorNotFoundException($"No actor at {Path} answered within {timeout}.", e);
            }

            return done.ResultOrThrow().Subject ?? throw new ActorNotFoundException($"There is no actor at {Path}.");
        });

    public override string ToString() => $"ActorSelection[{Path}]";

    private static ActorPath Combine(ActorSystem system, ActorCell anchor, string path)
    {
        if (path.Contains("://", StringComparison.Ordinal))
        {
            return ActorPath.Parse(path);
        }

        var current = path.StartsWith('/') ? ActorPath.Root(system.Provider.LocalAddress) : anchor.Path;
        foreach (var element in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (element != ".." && !ActorPath.IsValidName(element))
            {
                throw new FormatException($"'{element}' in '{path}' is not an actor's name.");
            }

            current = element == ".." ? current.Parent : current.Child(element);
        }

        return current.WithUid(0);
    }
}
