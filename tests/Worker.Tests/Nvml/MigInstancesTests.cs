using GpuActors.Worker.Nvml;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigInstancesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-mig-");
    private readonly FakeNvml _fake = new();
    private readonly NvmlLibrary _nvml;
    private readonly string _uuid;
    private MigInstances? _instances;

    public MigInstancesTests()
    {
        _fake.Add("A100-40");
        _nvml = _fake.Open();
        _uuid = _nvml.UuidOf(_nvml.DeviceAt(0));
        Restart();
    }

    public void Dispose()
    {
        _instances?.Dispose();
        _nvml.Dispose();
        _fake.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_slice_is_made_where_the_scheduler_placed_it_and_opened_by_its_UUID()
    {
        var slice = Acquire("2g.10gb", 4);

        There().ShouldBe(Expected(("2g.10gb", 4)));
        var mig = NvidiaDevices.OfThisHost(_fake.Path).Gpus[0].Mig.ShouldNotBeNull();
        mig.Enabled.ShouldBeTrue("the mode was off and the GPU empty");
        slice.VisibleDevice.ShouldBe(mig.Devices.ShouldHaveSingleItem().Uuid);
        Recorded().ShouldBe(["2g.10gb at 4"]);
    }

    [Fact]
    public void A_slice_comes_and_goes_without_its_neighbour_being_touched()
    {
        var first = Acquire("3g.20gb", 4);
        _fake.Use(start: 4, pid: 1000);
        var changes = _fake.Changes;

        var second = Acquire("1g.5gb", 0);

        _fake.Changes.ShouldBe(changes + 2, "an instance and its compute instance");
        second.VisibleDevice.ShouldNotBe(first.VisibleDevice);
        Recorded().ShouldBe(["1g.5gb at 0", "3g.20gb at 4"]);
        second.Dispose();
        There().ShouldBe(Expected(("3g.20gb", 4)));
        Recorded().ShouldBe(["3g.20gb at 4"]);
        _fake.Use(start: 4, pid: 0);
        first.Dispose();
        first.Dispose();
        There().ShouldBeEmpty();
        Recorded().ShouldBeEmpty();
    }

    [Fact]
    public void What_is_in_use_still_goes_later_and_is_not_given_to_the_next_before()
    {
        Acquire("1g.5gb", 0, pid: 1000).Dispose();
        There().ShouldBe(Expected(("1g.5gb", 0)));
        Recorded().ShouldBeEmpty("nobody wants it back");

        using var beside = Acquire("3g.20gb", 4);
        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message.ShouldContain("In use by another client");
        There().ShouldBe(Expected(("1g.5gb", 0), ("3g.20gb", 4)));

        _fake.Use(start: 0, pid: 0);
        var changes = _fake.Changes;
        Acquire("1g.5gb", 0);
        _fake.Changes.ShouldBe(changes + 4, "destroyed and made anew");
        There().ShouldBe(Expected(("1g.5gb", 0), ("3g.20gb", 4)));
    }

    [Fact]
    public void What_stayed_in_use_goes_with_a_neighbour()
    {
        var beside = Acquire("3g.20gb", 4);
        Acquire("1g.5gb", 0, pid: 1000).Dispose();
        _fake.Use(start: 0, pid: 0);

        beside.Dispose();

        There().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_after_a_reboot_has_the_slices_again_and_uses_them(bool keepsMode)
    {
        Acquire("3g.20gb", 4);
        Acquire("1g.5gb", 0);
        _fake.Reboot(keepsMode);

        Restart();

        There().ShouldBe(Expected(("1g.5gb", 0), ("3g.20gb", 4)));
        var changes = _fake.Changes;
        using var again = Acquire("3g.20gb", 4);
        _fake.Changes.ShouldBe(changes);
        There().ShouldBe(Expected(("1g.5gb", 0), ("3g.20gb", 4)));
        Recorded().ShouldBe(["1g.5gb at 0", "3g.20gb at 4"]);
    }

    [Fact]
    public void What_was_restored_and_is_nobodys_makes_room()
    {
        Acquire("1g.5gb+me", 0);
        Acquire("1g.5gb", 6);
        Restart();

        using var larger = Acquire("3g.20gb", 4);
        There().ShouldBe(Expected(("1g.5gb+me", 0), ("3g.20gb", 4)));
        using var media = Acquire("1g.5gb+me", 1);

        There().ShouldBe(Expected(("1g.5gb+me", 1), ("3g.20gb", 4)));
        Recorded().ShouldBe(["1g.5gb+me at 1", "3g.20gb at 4"]);
    }

    [Fact]
    public void A_slice_that_the_driver_refuses_is_told_and_leaves_the_others_as_they_were()
    {
        using var first = Acquire("3g.20gb", 4);
        _fake.FailAfter(1, NvmlCode.InsufficientResources);

        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message
            .ShouldContain("creating 1g.5gb at 0 failed, step 1 of 1");

        There().ShouldBe(Expected(("3g.20gb", 4)), "the half of it that was made is gone again");
        Recorded().ShouldBe(["3g.20gb at 4"]);
        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 5)).Message.ShouldContain("overlaps");
        Acquire("1g.5gb", 0).Dispose();
    }

    [Theory]
    [InlineData(NvmlCode.ResetRequired, "when the GPU, or its machine, is reset")]
    [InlineData(NvmlCode.InUse, "a process uses the GPU")]
    public void A_mode_that_can_not_be_had_now_is_the_reason(NvmlCode activation, string reason)
    {
        _fake.SetActivation(activation);

        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message.ShouldContain(reason);
        Recorded().ShouldBeEmpty();
    }

    [Fact]
    public void A_GPU_on_which_something_else_computes_is_not_cut()
    {
        _fake.SetProcesses(1);

        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message
            .ShouldContain("process 1000 computes on it");
    }

    [Fact]
    public void A_slice_that_can_not_be_recorded_is_not_given()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "mig-layouts.json.new"));

        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message.ShouldContain("can't be recorded");

        There().ShouldBeEmpty();
    }

    [Fact]
    public void A_GPU_is_whole_again_when_nobody_has_a_slice_and_stays_so()
    {
        var slice = Acquire("1g.5gb", 0);
        Should.Throw<MigLayoutException>(() => _instances!.Uncut(_uuid)).Message
            .ShouldContain("an attempt has 1g.5gb at 0");
        slice.Dispose();
        Acquire("1g.5gb", 1, pid: 1000).Dispose();
        _fake.Use(start: 1, pid: 0);

        _instances!.IsCut(_uuid).ShouldBeTrue();
        _instances.Uncut(_uuid);

        _instances.IsCut(_uuid).ShouldBeFalse();
        _nvml.MigModeOf(_nvml.DeviceOf(_uuid)).ShouldBe((false, false));
        Restart();
        _nvml.MigModeOf(_nvml.DeviceOf(_uuid)).ShouldBe((false, false), "its record went too");
    }

    [Fact]
    public void A_GPU_in_MIG_mode_without_instances_gets_one_that_makes_room_for_the_first_slice()
    {
        Acquire("1g.5gb", 0).Dispose();
        Restart();
        There().ShouldBe(Expected(("7g.40gb", 0)), "OpenCL would show no device of it");

        using var slice = Acquire("2g.10gb", 2);

        There().ShouldBe(Expected(("2g.10gb", 2)));
    }

    [Fact]
    public void A_layout_that_can_not_be_restored_stays_recorded_until_there_is_another()
    {
        Acquire("3g.20gb", 4);
        Acquire("1g.5gb", 0);
        _fake.Reboot(keepsMode: false);
        _fake.SetProcesses(1);
        Restart();
        _fake.Add("A30", bus: 1);
        var other = _nvml.UuidOf(_nvml.DeviceAt(1));

        _instances!.Acquire(other, Slices.Of("A30", "1g.6gb", 0));

        Recorded().ShouldBe(["1g.5gb at 0", "1g.6gb at 0", "3g.20gb at 4"]);
        _fake.SetProcesses(0);
        Acquire("2g.10gb", 2);
        Recorded().ShouldBe(["1g.6gb at 0", "2g.10gb at 2"]);
    }

    [Fact]
    public void A_wrong_record_is_one_sentence_with_its_path_and_a_worker_that_stops_cuts_nothing()
    {
        var path = Path.Combine(_folder.FullName, "mig-layouts.json");
        File.WriteAllText(path, "{");

        Should.Throw<IOException>(Restart).Message.ShouldStartWith($"{path}: it is no such document");
        Should.Throw<MigLayoutException>(() => Acquire("1g.5gb", 0)).Message.ShouldContain("is stopping");
    }

    /// <summary>Another worker on the same data folder; the one before is gone.</summary>
    private void Restart()
    {
        _instances?.Dispose();
        _instances = MigInstances.Restore(_folder.FullName, NullLogger.Instance, _fake.Path);
    }

    private MigInstance Acquire(string profile, int start, int pid = 0)
    {
        var instance = _instances!.Acquire(_uuid, Slices.Of("A100-40", profile, start));
        _fake.Use(start, pid);
        return instance;
    }

    private (int Profile, int Start, string Compute)[] There() => Slices.There(_nvml, _uuid);

    private static (int Profile, int Start, string Compute)[] Expected(params (string Profile, int Start)[] slices) =>
        Slices.Expected("A100-40", slices.Select(slice => Slices.Of("A100-40", slice.Profile, slice.Start)));

    private string[] Recorded() =>
    [
        .. new MigLayoutFile(_folder.FullName).Read().SelectMany(record => record.Slices)
            .Select(slice => $"{slice}").Order(StringComparer.Ordinal),
    ];
}
