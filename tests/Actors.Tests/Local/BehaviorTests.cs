using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class BehaviorTests : TestKit.TestKit
{
    [Fact]
    public void The_first_fitting_handler_gets_the_message()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<int>(n => TestActor.Tell($"big {n}"), n => n > 10);
            a.On<int>(n => TestActor.Tell($"small {n}"));
            a.On<object>(o => TestActor.Tell($"other {o}"));
            a.On<string>(_ => TestActor.Tell("never"));
        }));

        actor.Tell(11);
        actor.Tell(1);
        actor.Tell("x");

        ReceiveN(3).ShouldBe(["big 11", "small 1", "other x"]);
    }

    [Fact]
    public void A_handler_of_a_base_type_or_interface_gets_derived_messages()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<IFormattable>(_ => TestActor.Tell("formattable"));
            a.On<Exception>(_ => TestActor.Tell("exception"));
        }));

        actor.Tell(1.5);
        actor.Tell(new IOException());

        ReceiveN(2).ShouldBe(["formattable", "exception"]);
    }

    [Fact]
    public void Many_types_of_messages_each_find_their_handler()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<byte>(_ => TestActor.Tell("byte"));
            a.On<short>(_ => TestActor.Tell("short"));
            a.On<int>(_ => TestActor.Tell("int"));
            a.On<long>(_ => TestActor.Tell("long"));
            a.On<float>(_ => TestActor.Tell("float"));
            a.On<double>(_ => TestActor.Tell("double"));
            a.On<char>(_ => TestActor.Tell("char"));
            a.On<bool>(_ => TestActor.Tell("bool"));
            a.On<string>(_ => TestActor.Tell("string"));
            a.On<Guid>(_ => TestActor.Tell("Guid"));
            a.On<decimal>(_ => TestActor.Tell("decimal"));
        }));
        object[] messages = [(byte)1, (short)1, 1, 1L, 1f, 1d, 'c', true, "s", Guid.Empty, 1m];

        for (var round = 0; round < 2; round++)
        {
            foreach (var message in messages)
            {
                actor.Tell(message);
            }

            ReceiveN(messages.Length).ShouldBe(
                ["byte", "short", "int", "long", "float", "double", "char", "bool", "string", "Guid", "decimal"]);
        }
    }

    [Fact]
    public void A_message_without_handler_is_published_as_unhandled()
    {
        var actor = ActorOf(Act.Of(a => a.On<int>(_ => { })));

        EventFilter.Published<UnhandledMessage>(
            u => u.Message.Equals("what") && u.Recipient.Equals(actor), "an unhandled message")
            .ExpectOne(() => actor.Tell("what"));
    }

    [Fact]
    public void Become_replaces_and_BecomeStacked_covers_the_behavior()
    {
        ActorOf(Act.Of(a =>
        {
            void Behavior(string name) => a.On<string>(m => Next(m, name));
            void Next(string message, string name)
            {
                TestActor.Tell(name);
                switch (message)
                {
                    case "become":
                        a.Become(() => Behavior(name + "'"));
                        break;
                    case "push":
                        a.BecomeStacked(() => Behavior(name + "+"));
                        break;
                    case "pop":
                        a.UnbecomeStacked();
                        break;
                }
            }

            Behavior("a");
            foreach (var step in new[] { "push", "become", "push", "pop", "pop", "pop", "become", "pop", "look" })
            {
                a.Here.Self.Tell(step);
            }
        }));

        ReceiveN(9).ShouldBe(["a", "a+", "a+'", "a+'+", "a+'", "a", "a", "a'", "a"]);
    }

    [Fact]
    public void An_untyped_actor_can_change_its_behavior_too()
    {
        var actor = ActorOf(() => new Untyped(TestActor));

        actor.Tell("loud");
        actor.Tell("hello");
        actor.Tell("back");
        actor.Tell("hello");

        ReceiveN(2).ShouldBe(["HELLO", "hello"]);
    }

    [Fact]
    public void A_restart_forgets_all_behaviors()
    {
        var actor = ActorOf(Act.Of(a =>
        {
            a.On<string>(_ => TestActor.Tell("first"));
            a.On<int>(_ => a.Become(() =>
            {
                a.On<string>(_ => TestActor.Tell("second"));
                a.On<Exception>(e => throw e);
            }));
        }));

        actor.Tell(1);
        actor.Tell("");
        actor.Tell(new TimeoutException());
        actor.Tell("");

        ReceiveN(2).ShouldBe(["second", "first"]);
    }

    [Fact]
    public void Making_an_actor_with_new_is_an_error() =>
        Should.Throw<InvalidOperationException>(() => new Untyped(TestActor)).Message.ShouldContain("Props.Create");

    [Fact]
    public void Props_find_the_constructor_by_its_arguments()
    {
        ActorOf(Props.Create<TwoConstructors>(TestActor, 5));
        ExpectMsg("int 5");
        ActorOf(Props.Create<TwoConstructors>(TestActor, "text"));
        ExpectMsg("string text");

        Should.Throw<ArgumentException>(() => Props.Create<TwoConstructors>(TestActor, 1.5))
            .Message.ShouldContain("Double");
    }

    private sealed class Untyped(IActorRef report) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message.Equals("loud"))
            {
                BecomeStacked(Loud);
            }
            else
            {
                report.Tell(message);
            }
        }

        private void Loud(object message)
        {
            if (message.Equals("back"))
            {
                UnbecomeStacked();
            }
            else
            {
                report.Tell($"{message}".ToUpperInvariant());
            }
        }
    }

    private sealed class TwoConstructors : UntypedActor
    {
        public TwoConstructors(IActorRef report, int number) => report.Tell($"int {number}");

        public TwoConstructors(IActorRef report, string text) => report.Tell($"string {text}");

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
