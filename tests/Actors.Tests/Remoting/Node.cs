using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>An actor system with remoting over loopback TCP in real time, or in a simulation.</summary>
sealed class Node : TestKit.TestKit
{
    public const string Secret = "the secret of these tests";

    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    Node(IActorRuntime runtime, string name)
        : base(runtime, systemName: name)
    {
        RemoteMessageJson.RegisterAll(Sys);
        EventProbe = CreateTestProbe("events");
        Sys.EventStream.Subscribe<RemotingEvent>(EventProbe.Ref);
        DeadLetterProbe = CreateTestProbe("dead-letters");
        Sys.EventStream.Subscribe<DeadLetter>(DeadLetterProbe.Ref);
    }

    /// <summary>Patient, as the machine that runs the tests may be busy.</summary>
    public static RemoteSettings Settings { get; } = new()
    {
        Secret = Secret,
        HeartbeatInterval = TimeSpan.FromMilliseconds(100),
        AcceptablePause = TimeSpan.FromSeconds(20),
        UnreachableTimeout = TimeSpan.FromSeconds(20),
        ReconnectDelayMin = TimeSpan.FromMilliseconds(20),
        ReconnectDelayMax = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>Gives up a peer that is gone after a second.</summary>
    public static RemoteSettings Impatient { get; } = Settings with { UnreachableTimeout = TimeSpan.FromSeconds(1) };

    public RemoteExtension Remoting { get; private set; } = null!;

    public Address Address => Remoting.Address;

    /// <summary>What remoting published.</summary>
    public TestProbe EventProbe { get; }

    public TestProbe DeadLetterProbe { get; }

    /// <summary>Over loopback TCP.</summary>
    public static Node Start(string name = "node", RemoteSettings? settings = null, INetwork? network = null) =>
        StartOn(new ProductionRuntime(network ?? new TcpNetwork()), name, settings);

    /// <summary>On another runtime: a simulation's.</summary>
    public static Node StartOn(
        IActorRuntime runtime, string name = "node", RemoteSettings? settings = null, INetwork? network = null)
    {
        var node = new Node(runtime, name);
        node.Remoting = node.Run(
            () => node.Sys.StartRemotingAsync(settings ?? Settings, network ?? runtime.Network, default));
        return node;
    }

    /// <summary>A ref to an actor of another node, by its path alone.</summary>
    public IActorRef RefTo(Node other, string path) =>
        Sys.Provider.ResolveActorRef(other.Address + path);

    /// <summary>Makes an actor that answers everything with what it got.</summary>
    public IActorRef Echo(string name = "echo") => ActorOf(() => new EchoActor(), name);

    /// <summary>Ends as a killed process does.</summary>
    public void Kill() => Run(Remoting.Node.AbortAsync);

    /// <summary>Ends remoting as a process does that shuts down.</summary>
    public void Leave() => Run(Remoting.Node.StopAsync);

    /// <summary>Does something asynchronous to its end.</summary>
    public void Run(Func<Task> action) => Run(async () =>
    {
        await action();
        return true;
    });

    /// <inheritdoc cref="Run(Func{Task})"/>
    public T Run<T>(Func<Task<T>> action) =>
        Runtime is VirtualRuntime simulation ? simulation.Run(action, StartLimit) : Await(action(), StartLimit);

    sealed class EchoActor : ReceiveActor
    {
        public EchoActor() => ReceiveAny(message =>
        {
            if (message is Explode explode)
            {
                throw new InvalidOperationException(explode.Reason);
            }

            Sender.Tell(message, Self);
        });
    }
}
