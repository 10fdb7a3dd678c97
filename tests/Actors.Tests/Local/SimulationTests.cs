using System.Text;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed class SimulationTests
{
    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var first = Race(seed: 7);
        var second = Race(seed: 7);

        second.ShouldBe(first);
    }

    [Fact]
    public void Another_seed_gives_another_interleaving()
    {
        var traces = Enumerable.Range(1, 10).Select(seed => Race(seed).Trace).Distinct().Count();

        traces.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Timers_fire_in_the_order_they_are_due_and_take_no_real_time()
    {
        var runtime = new VirtualRuntime();
        var fired = new List<TimeSpan>();
        foreach (var hours in new[] { 3, 1, 2 })
        {
            runtime.Time.CreateTimer(_ => fired.Add(runtime.Elapsed), null, TimeSpan.FromHours(hours),
                Timeout.InfiniteTimeSpan);
        }

        runtime.Advance(TimeSpan.FromHours(2.5));
        fired.ShouldBe([TimeSpan.FromHours(1), TimeSpan.FromHours(2)]);

        runtime.Advance(TimeSpan.FromHours(2.5));
        fired.Count.ShouldBe(3);
    }

    [Fact]
    public void Bytes_cross_the_virtual_network_in_order()
    {
        var runtime = new VirtualRuntime(seed: 3);

        var text = runtime.Run(() => TalkAsync(runtime), TimeSpan.FromMinutes(1));

        text.Length.ShouldBe(300_000);
        text.ShouldBe(new string('a', 100_000) + new string('b', 100_000) + new string('c', 100_000));
    }

    [Fact]
    public void Connecting_to_nobody_is_an_error()
    {
        var runtime = new VirtualRuntime();

        Should.Throw<IOException>(() => runtime.Run(
            async () => await runtime.Network.ConnectAsync("a", 1, CancellationToken.None), TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Work_from_another_thread_breaks_the_simulation_loudly()
    {
        var runtime = new VirtualRuntime();

        Should.Throw<InvalidOperationException>(() => runtime.RunUntil(
            () =>
            {
                var intruder = new Thread(() => runtime.Execute(new Nothing()));
                intruder.Start();
                intruder.Join();
                return false;
            },
            TimeSpan.FromMinutes(1))).Message.ShouldContain("another thread");
    }

    private static async Task<string> TalkAsync(VirtualRuntime runtime)
    {
        var listener = await runtime.Network.ListenAsync("a", 0, CancellationToken.None);
        var client = await runtime.Network.ConnectAsync("a", listener.Port, CancellationToken.None);
        var server = await listener.AcceptAsync(CancellationToken.None);
        var sending = SendAsync(client.Output);
        var received = new StringBuilder();
        while (true)
        {
            var read = await server!.Input.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                received.Append(Encoding.ASCII.GetString(segment.Span));
            }

            server.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await sending;
                return received.ToString();
            }
        }
    }

    private static async Task SendAsync(System.IO.Pipelines.PipeWriter output)
    {
        foreach (var letter in "abc")
        {
            for (var i = 0; i < 100; i++)
            {
                await output.WriteAsync(Encoding.ASCII.GetBytes(new string(letter, 1000)));
            }
        }

        await output.CompleteAsync();
    }

    /// <summary>Ten actors with random pauses write down when they were heard.</summary>
    private static (string Trace, ulong Fingerprint, long Steps) Race(long seed)
    {
        using var kit = new TestKit.TestKit(seed);
        var trace = new StringBuilder();
        var judge = kit.ActorOf(Props.Create(() => new Judge(trace)), "judge");
        for (var i = 0; i < 10; i++)
        {
            kit.ActorOf(Props.Create<Runner>(i, judge));
        }

        kit.Advance(TimeSpan.FromSeconds(1));
        return (trace.ToString(), kit.Simulation.Fingerprint, kit.Simulation.Steps);
    }

    private sealed class Judge : ReceiveActor
    {
        public Judge(StringBuilder trace) => Receive<int>(n => trace.Append(n));
    }

    private sealed class Runner : ReceiveActor, IWithTimers
    {
        public Runner(int number, IActorRef judge)
        {
            ReceiveAsync<string>(async _ =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Context.System.Runtime.Random.Next(3)),
                    Context.System.Runtime.Time);
                judge.Tell(number);
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("step", "step", TimeSpan.FromMilliseconds(2));
    }

    private sealed class Nothing : IThreadPoolWorkItem
    {
        public void Execute()
        {
            // It is enough to be there.
        }
    }
}
