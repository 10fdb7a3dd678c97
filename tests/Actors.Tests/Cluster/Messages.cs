using System.Text.Json.Serialization;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Persistence;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>For an entity: remember a number.</summary>
internal sealed record Note(string Id, int Number);

/// <summary>The answer: all numbers so far, and where.</summary>
internal sealed record Noted(string Id, int[] Numbers, string Node);

/// <summary>For an entity: let yourself be passivated.</summary>
internal sealed record Rest(string Id);

/// <summary>For an entity: stop without a word.</summary>
internal sealed record Vanish(string Id);

[JsonSerializable(typeof(Note))]
[JsonSerializable(typeof(Noted))]
[JsonSerializable(typeof(Rest))]
[JsonSerializable(typeof(Vanish))]
internal sealed partial class ClusterTestJson : JsonSerializerContext
{
    public static void RegisterAll(ActorSystem system)
    {
        system.Serialization.Register("note", Default.Note);
        system.Serialization.Register("noted", Default.Noted);
        system.Serialization.Register("rest", Default.Rest);
        system.Serialization.Register("vanish", Default.Vanish);
    }

    public static string? IdOf(object message) => message switch
    {
        Note note => note.Id,
        Rest rest => rest.Id,
        Vanish vanish => vanish.Id,
        _ => null,
    };
}

/// <summary>Keeps its numbers in memory only.</summary>
internal sealed class ForgetfulEntity : ReceiveActor
{
    public ForgetfulEntity(string id, ClusterNode node)
    {
        var numbers = new List<int>();
        Receive<Note>(note =>
        {
            node.World.Delivered(id, note.Number, node);
            numbers.Add(note.Number);
            Sender.Tell(new Noted(id, [.. numbers], node.Name));
        });
        Receive<Rest>(_ => Context.Parent.Tell(new Passivate(PoisonPill.Instance)));
        Receive<Vanish>(_ => Context.Stop(Self));
        Receive<string>(text => Sender.Tell($"{text} {id} {node.Name}"));
    }
}

/// <summary>Keeps them in the journal.</summary>
internal sealed class JournaledEntity : ReceivePersistentActor
{
    private readonly List<int> _numbers = [];
    private readonly string _id;
    private readonly string _node;
    private readonly Action<bool>? _ran;

    /// <param name="id">The entity's id.</param>
    /// <param name="node">Where it runs.</param>
    /// <param name="ran">Told true when it starts and false when it has stopped.</param>
    public JournaledEntity(string id, string node, Action<bool>? ran = null)
    {
        (_id, _node, _ran) = (id, node, ran);
        Recover<Note>(note => _numbers.Add(note.Number));
        Command<Note>(note => Persist(note, Apply));
        Command<Rest>(_ => Context.Parent.Tell(new Passivate(PoisonPill.Instance)));
        Command<Vanish>(_ => Context.Stop(Self));
    }

    public override string PersistenceId => "entity-" + _id;

    protected override void PreStart() => _ran?.Invoke(true);

    protected override void PostStop() => _ran?.Invoke(false);

    private void Apply(Note note)
    {
        _numbers.Add(note.Number);
        Sender.Tell(new Noted(_id, [.. _numbers], _node));
    }
}
