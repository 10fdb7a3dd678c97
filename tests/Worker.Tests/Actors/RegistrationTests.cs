using GpuActors.Actors;
using GpuActors.Actors.TestKit;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;

namespace GpuActors.Worker.Tests.Actors;

/// <summary>What a worker tells a scheduler when it registers.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly TestKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void A_worker_registers_with_what_its_host_has_beside_GPUs()
    {
        var machine = new HostInventory(7500, 200L << 30, "r1", ["disk=nvme"]);
        var identity = new WorkerIdentity("gpu-a", Guid.NewGuid(), Guid.NewGuid(), "1", machine);
        var second = TimeSpan.FromSeconds(1);
        var settings = new WorkerActorSettings(
            [_kit.Sys.Provider.Address.ToString()], second, second, second, second, 64);
        var scheduler = _kit.CreateTestProbe();
        _kit.Sys.ActorOf(Props.Create(() => new Hosts(scheduler)), "hosts");
        _kit.ActorOf(WorkerActors.Props(identity, settings, [], null!, _ => { }));

        var register = scheduler.FishForMessage<RegisterWorker>(_ => true, second);
        register.Machine.ShouldBe(machine);
    }

    /// <summary>Stands where a scheduler has its hosts.</summary>
    private sealed class Hosts : ReceiveActor
    {
        public Hosts(TestProbe probe) => Receive<RegisterWorker>(register => probe.Ref.Tell(register));
    }
}
