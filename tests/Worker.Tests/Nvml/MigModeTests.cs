using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigModeTests : IDisposable
{
    private readonly FakeNvml _fake = new();
    private readonly NvmlLibrary _nvml;
    private readonly MigMode _mode;
    private readonly string _uuid;

    public MigModeTests()
    {
        _fake.Add("A100-40");
        _nvml = _fake.Open();
        _mode = new MigMode(_nvml);
        _uuid = _nvml.UuidOf(_nvml.DeviceAt(0));
    }

    public void Dispose()
    {
        _nvml.Dispose();
        _fake.Dispose();
    }

    [Fact]
    public void An_empty_GPU_is_switched_on_and_off()
    {
        _mode.Set(_uuid, enabled: false).ShouldBe(MigModeChange.Unchanged);
        _mode.Set(_uuid, enabled: true).ShouldBe(MigModeChange.Changed);
        _mode.Set(_uuid, enabled: true).ShouldBe(MigModeChange.Unchanged);
        _mode.Set(_uuid, enabled: false).ShouldBe(MigModeChange.Changed);
    }

    [Fact]
    public void A_GPU_with_instances_stays_as_it_is()
    {
        _mode.Set(_uuid, enabled: true);
        new MigLayout(_nvml).Apply(_uuid, [Slices.Of("A100-40", "1g.5gb", 3)]);

        Should.Throw<MigLayoutException>(() => _mode.Set(_uuid, enabled: false))
            .Message.ShouldContain("has 1 GPU instances; apply an empty layout first");
        Modes().ShouldBe((true, true));
        new MigLayout(_nvml).Apply(_uuid, []);
        _mode.Set(_uuid, enabled: false).ShouldBe(MigModeChange.Changed);
    }

    [Theory]
    [InlineData(1, "process 1000 computes")]
    [InlineData(100, "process 1000, 1001")]
    public void A_GPU_on_which_processes_compute_stays_as_it_is(int processes, string said)
    {
        _fake.SetProcesses(processes);

        Should.Throw<MigLayoutException>(() => _mode.Set(_uuid, enabled: true)).Message.ShouldContain(said);
        Modes().ShouldBe((false, false));
    }

    [Fact]
    public void A_change_that_waits_for_a_reset_is_told_and_takes_no_layout_before()
    {
        _fake.SetActivation(NvmlCode.ResetRequired);

        _mode.Set(_uuid, enabled: true).ShouldBe(MigModeChange.ResetPending);

        var gpu = NvidiaDevices.OfThisHost(_fake.Path).Gpus[0];
        gpu.Mig.ShouldNotBeNull().IsResetPending.ShouldBeTrue();
        Should.Throw<MigLayoutException>(() => new MigLayout(_nvml).Apply(_uuid, []))
            .Message.ShouldContain("before the GPU, or its machine, is reset");
        _fake.Reboot(keepsMode: true);
        new MigLayout(_nvml).Apply(_uuid, [Slices.Of("A100-40", "7g.40gb", 0)]).Created.ShouldBe(1);
    }

    [Fact]
    public void A_change_while_a_monitor_holds_the_GPU_is_completed_by_calling_again()
    {
        _fake.SetActivation(NvmlCode.InUse);
        _mode.Set(_uuid, enabled: true).ShouldBe(MigModeChange.InUse);
        _fake.SetActivation(NvmlCode.Success);
        _mode.Set(_uuid, enabled: true).ShouldBe(MigModeChange.Changed);
    }

    [Fact]
    public void A_user_without_privileges_is_told_what_is_needed()
    {
        _fake.SetPrivileged(false);

        Should.Throw<NvmlException>(() => _mode.Set(_uuid, enabled: true)).Message
            .ShouldContain("nvmlDeviceSetMigMode: Insufficient Permissions (4); changing MIG needs root");
    }

    [Fact]
    public void A_card_without_MIG_has_no_such_mode()
    {
        _fake.Add("T4", bus: 1);

        Should.Throw<MigLayoutException>(() => _mode.Set(_nvml.UuidOf(_nvml.DeviceAt(1)), enabled: true))
            .Message.ShouldContain("has no MIG");
    }

    private (bool, bool)? Modes() => _nvml.MigModeOf(_nvml.DeviceOf(_uuid));
}
