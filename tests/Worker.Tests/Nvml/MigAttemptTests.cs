using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;
using GpuActors.Worker.Tests.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Nvml;

/// <summary>Attempts with real executors, on a GPU that the fake driver cuts.</summary>
public sealed class MigAttemptTests : IDisposable
{
    private const string Spin =
        "kernel void k(global int* out) { volatile global int* p = out; while (p[0] == 0) { p[1]++; } }";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-mig-");
    private readonly FakeNvml _fake = new();
    private readonly NvmlLibrary _nvml;
    private readonly string _uuid;
    private readonly MigInstances _instances;
    private readonly AttemptDevice _device;

    public MigAttemptTests()
    {
        _fake.Add("A100-40");
        _nvml = _fake.Open();
        _uuid = _nvml.UuidOf(_nvml.DeviceAt(0));
        _instances = MigInstances.Restore(_folder.FullName, NullLogger.Instance, _fake.Path)!;
        _device = new AttemptDevice(PoolFixture.Device, Slices.ModelOf("A100-40"), MigGpu: _uuid);
    }

    public void Dispose()
    {
        _instances.Dispose();
        _nvml.Dispose();
        _fake.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_attempt_runs_on_the_instance_that_its_slice_is_and_the_instance_goes_with_it()
    {
        await using var fixture = await AttemptFixture.CreateAsync(
            s => s with { PrestartPerDevice = 1 }, device: _device, instances: _instances);
        fixture.Pool.Start();
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "an executor is ready");
        var observer = new AttemptFixture.Observer();
        using var stop = new CancellationTokenSource();

        var run = fixture.RunAsync(Document(Spin), observer, stop: stop.Token, slice: Mig("2g.10gb", 2));
        await observer.StartedTask.WithDeadline("the attempt's start");

        var device = MigDevices().ShouldHaveSingleItem();
        Slices.There(_nvml, _uuid).ShouldBe([(14, 2, "2")]);
        var environment = await File.ReadAllTextAsync(
            $"/proc/{fixture.Pool.ProcessIds.ShouldHaveSingleItem()}/environ");
        environment.ShouldContain($"\0CUDA_VISIBLE_DEVICES={device.Uuid}\0");
        await stop.CancelAsync();
        (await run).Result.ShouldBe(AttemptResult.Stopped);
        MigDevices().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slice_of_another_mode_gets_the_GPU_whole_again()
    {
        await using var fixture = await AttemptFixture.CreateAsync(device: _device, instances: _instances);
        var cut = await fixture.RunAsync(Document("kernel void k(global int* out) { }"), slice: Mig("1g.5gb", 0));
        cut.Result.ShouldBe(AttemptResult.Completed, cut.Error?.Message);
        _nvml.MigModeOf(_nvml.DeviceOf(_uuid)).ShouldBe((true, true));

        var whole = await fixture.RunAsync(Document("kernel void k(global int* out) { }"));

        whole.Result.ShouldBe(AttemptResult.Completed, whole.Error?.Message);
        _nvml.MigModeOf(_nvml.DeviceOf(_uuid)).ShouldBe((false, false));
    }

    [Fact]
    public async Task A_slice_that_the_driver_does_not_make_is_refused_with_its_reason()
    {
        await using var fixture = await AttemptFixture.CreateAsync(device: _device, instances: _instances);
        _fake.SetPrivileged(false);

        var outcome = await fixture.RunAsync(Document("kernel void k(global int* out) { }"), slice: Mig("1g.5gb", 0));

        outcome.Result.ShouldBe(AttemptResult.Refused);
        outcome.Error!.Kind.ShouldBe("noMigSlice");
        outcome.Error.Message.ShouldContain("Insufficient Permissions");
        var unknown = await fixture.RunAsync(
            Document("kernel void k(global int* out) { }"), slice: Mig("1g.5gb", 0) with { Profile = "9g" });
        unknown.Error!.Message.ShouldContain("has no MIG profile '9g'");
    }

    [Fact]
    public void An_instance_takes_no_turns_and_is_not_parted_again_but_keeps_its_memory_limit()
    {
        var grant = Mig("2g.10gb", 2);
        var attempt = AttemptFixture.Start(Document("kernel void k(global int* out) { }"), slice: grant);
        using var instance = _instances.Acquire(_uuid, _device.MigSliceOf(grant));

        var request = (_device with { CanPartition = true }).Request(attempt, grant, instance);

        (request.Claim, request.ComputeUnits, request.MemoryBytes, request.VisibleDevice)
            .ShouldBe((null, 0, grant.MemoryBytes, instance.VisibleDevice));
        _device.Request(attempt, grant).Claim.ShouldNotBeNull("without an instance, turns hold it to its part");
    }

    [Fact]
    public void A_GPU_in_MIG_mode_is_offered_once_and_as_the_card_that_it_is()
    {
        using var instance = _instances.Acquire(_uuid, Slices.Of("A100-40", "1g.5gb", 0));
        var nvidia = NvidiaDevices.OfThisHost(_fake.Path);
        var shown = OpenClDevices.Discover()[0] with
        {
            Name = "NVIDIA A100-SXM4-40GB MIG 1g.5gb", MemoryBytes = 4864UL << 20, Pci = nvidia.Gpus[0].Pci,
        };
        var other = shown with { Name = "Other", Pci = null };

        var cards = WorkerDevices.WholeCards([shown, shown with { DeviceIndex = 1 }, other], nvidia);

        cards.Select(card => (card.Name, card.DeviceIndex, card.MemoryBytes)).ShouldBe([
            ("NVIDIA A100-SXM4-40GB", shown.DeviceIndex, (ulong)nvidia.Gpus[0].MemoryBytes),
            ("Other", other.DeviceIndex, other.MemoryBytes)]);
        _fake.SetPrivileged(false);
        WorkerDevices.WholeCards([shown], NvidiaDevices.OfThisHost(_fake.Path))
            .ShouldBe([shown], "it can't be cut by us");
    }

    private IReadOnlyList<MigDevice> MigDevices() => _nvml.MigDevicesOf(_nvml.DeviceOf(_uuid));

    private static SliceGrant Mig(string profile, int start) => new(
        "host/0/s0", "host", 0, 64 << 20, 25, Whole: false, Mode: GpuMode.Mig, Profile: profile, Start: start,
        ComputeUnits: 28);

    private static string Document(string source) => $$"""
        {
          "id": "job", "gpu": { "memory": "64MiB" },
          "programs": { "main": { "source": "{{source}}" } },
          "buffers": { "out": { "size": "16" } },
          "steps": [
            { "launch": { "kernel": "k", "global": 4, "args": ["out"] } },
            { "read": { "from": "out", "output": "out" } }
          ],
          "outputs": { "out": { "element": "int" } }
        }
        """;
}
