using GpuActors.Actors.Cluster.Singleton;

namespace GpuActors.Actors.Tests.Cluster;

public sealed class SingletonTests : IDisposable
{
    private readonly ClusterWorld _world = new();
    private readonly Dictionary<string, IActorRef> _proxies = [];
    private readonly List<string> _lives = [];
    private int _running;
    private int _runningMost;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void It_runs_on_the_oldest_member_and_is_reached_from_all()
    {
        Start("a", "b", "c");
        foreach (var name in new[] { "a", "b", "c" })
        {
            Where(name).ShouldBe("a");
        }

        _lives.ShouldBe(["a"]);
    }

    [Fact]
    public void It_moves_to_the_next_oldest_when_its_node_leaves_and_no_message_is_lost()
    {
        Start("a", "b", "c");
        var left = _world.Begin(_world.Nodes[0].Cluster.LeaveAsync);
        var asked = new List<Task<string>>();
        while (!left.IsCompleted)
        {
            asked.Add(_proxies["c"].Ask<string>("where", TimeSpan.FromSeconds(10)));
            _world.Runtime.Advance(TimeSpan.FromMilliseconds(10));
        }

        _world.Await(() => asked.All(task => task.IsCompleted), "all answers");
        asked.ShouldAllBe(task => task.IsCompletedSuccessfully);
        Where("c").ShouldBe("b");
        _runningMost.ShouldBe(1);
    }

    [Fact]
    public void It_runs_elsewhere_within_three_seconds_after_its_node_was_killed()
    {
        Start("a", "b", "c");
        Where("b");
        _world.Nodes[0].Kill();
        _running--;
        _world.Runtime.Advance(TimeSpan.FromMilliseconds(10));
        var died = _world.Runtime.Elapsed;
        Where("c").ShouldBe("b");
        (_world.Runtime.Elapsed - died).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        _runningMost.ShouldBe(1);
    }

    [Fact]
    public void Two_singletons_do_not_mix()
    {
        Start("a", "b");
        var other = ClusterSingleton.Get(_world.Nodes[1].System).Init(
            SingletonActor.Create(Props.Create(() => new Tracked(this, "other")), "which-other"));
        ClusterSingleton.Get(_world.Nodes[0].System).Init(
            SingletonActor.Create(Props.Create(() => new Tracked(this, "other")), "which-other"));
        _world.Kit.Await(other.Ask<string>("where", TimeSpan.FromSeconds(5))).ShouldBe("other");
        Where("b").ShouldBe("a");
    }

    private void Start(params string[] names)
    {
        foreach (var name in names)
        {
            _world.Add(name, beforeJoin: node => node.System.Serialization.Register("text", TextJson.Default.String));
            _world.AwaitBalance();
            var node = _world.Nodes[^1];
            _proxies[name] = ClusterSingleton.Get(node.System).Init(
                SingletonActor.Create(Props.Create(() => new Tracked(this, name)), "which"));
        }

        Where(names[^1]);
    }

    private string Where(string from) => _world.Kit.Await(
        _proxies[from].Ask<string>("where", TimeSpan.FromSeconds(10)), TimeSpan.FromSeconds(11));

    private sealed class Tracked(SingletonTests test, string node) : ReceiveActor
    {
        private readonly bool _isOther = node == "other";

        protected override void PreStart()
        {
            Receive();
            if (!_isOther)
            {
                test._lives.Add(node);
                test._runningMost = Math.Max(test._runningMost, ++test._running);
            }
        }

        protected override void PostStop() => test._running -= _isOther ? 0 : 1;

        private void Receive() => Become(() => ReceiveAny(_ => Sender.Tell(node)));
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;
