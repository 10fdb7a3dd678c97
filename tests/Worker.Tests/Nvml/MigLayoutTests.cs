using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigLayoutTests : IDisposable
{
    private const string A100 = "A100-40";

    private readonly FakeNvml _fake;
    private readonly NvmlLibrary _nvml;
    private readonly MigLayout _layout;
    private readonly string _uuid;

    public MigLayoutTests()
    {
        _fake = FakeNvml.WithMig(A100, out _uuid);
        _nvml = _fake.Open();
        _layout = new MigLayout(_nvml);
    }

    public void Dispose()
    {
        _nvml.Dispose();
        _fake.Dispose();
    }

    [Fact]
    public void A_layout_is_made_at_the_wanted_places_with_whole_compute_instances()
    {
        MigSlice[] wanted = [Slice("1g.5gb", 6), Slice("1g.10gb", 4), Slice("2g.10gb", 2), Slice("1g.5gb+me", 0)];

        var applied = _layout.Apply(_uuid, wanted);

        (applied.Destroyed, applied.Created).ShouldBe((0, 4));
        Slices.There(_nvml, _uuid).ShouldBe([(20, 0, "1"), (14, 2, "2"), (15, 4, "1"), (19, 6, "1")]);
        applied.Devices.Select(device => device.Slice).ShouldBe(wanted);
        applied.Devices.Select(device => device.Device.Uuid).ShouldBeUnique();
    }

    [Fact]
    public void A_layout_that_is_there_changes_nothing()
    {
        MigSlice[] wanted = [Slice("3g.20gb", 4), Slice("3g.20gb", 0)];
        var devices = _layout.Apply(_uuid, wanted).Devices;
        var changes = _fake.Changes;

        var again = _layout.Apply(_uuid, [.. wanted.Reverse()]);

        _fake.Changes.ShouldBe(changes);
        (again.Destroyed, again.Created).ShouldBe((0, 0));
        again.Devices.Reverse().ShouldBe(devices);
    }

    [Fact]
    public void Instances_that_stay_are_not_touched_even_while_they_compute()
    {
        var kept = _layout.Apply(_uuid, [Slice("3g.20gb", 4), Slice("2g.10gb", 0), Slice("1g.5gb", 2)]).Devices[0];
        _fake.Use(start: 4, pid: 4711);
        var changes = _fake.Changes;

        var applied = _layout.Apply(_uuid, [Slice("3g.20gb", 4), Slice("4g.20gb", 0)]);

        (applied.Destroyed, applied.Created).ShouldBe((2, 1));
        (_fake.Changes - changes).ShouldBe(6, "two compute instances, their two GPU instances, one new of each");
        applied.Devices[0].ShouldBe(kept);
    }

    [Fact]
    public void The_whole_GPU_can_become_seven_slices_and_whole_again()
    {
        _layout.Apply(_uuid, [Slice("7g.40gb", 0)]);
        _layout.Apply(_uuid, [.. Enumerable.Range(0, 7).Select(start => Slice("1g.5gb", start))]).Created.ShouldBe(7);
        _layout.Apply(_uuid, [Slice("7g.40gb", 0)]).Destroyed.ShouldBe(7);
        Slices.There(_nvml, _uuid).ShouldBe([(0, 0, "7")]);
        _layout.Apply(_uuid, []);
        Slices.There(_nvml, _uuid).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_compute_instance_that_is_missing_or_too_small_is_made_whole(int slices)
    {
        MigSlice[] wanted = [Slice("3g.20gb", 4)];
        _layout.Apply(_uuid, wanted);
        _fake.Spoil(start: 4, slices);

        var applied = _layout.Apply(_uuid, wanted);

        (applied.Destroyed, applied.Created).ShouldBe((0, 0));
        Slices.There(_nvml, _uuid).ShouldBe([(9, 4, "3")]);
    }

    [Fact]
    public void A_failure_at_any_step_is_repaired_by_the_next_call()
    {
        MigSlice[] before = [Slice("2g.10gb", 0), Slice("1g.5gb", 2), Slice("3g.20gb", 4)];
        MigSlice[] after = [Slice("1g.5gb", 0), Slice("1g.5gb", 1), Slice("2g.10gb", 2), Slice("3g.20gb", 4)];
        for (var step = 0; step < 10; step++)
        {
            _layout.Apply(_uuid, before);
            _fake.FailAfter(step, NvmlCode.InsufficientResources);
            Should.Throw<MigLayoutException>(() => _layout.Apply(_uuid, after))
                .Message.ShouldContain("Insufficient Resources");
            _layout.Apply(_uuid, after).Devices.Count.ShouldBe(4);
            Slices.There(_nvml, _uuid).ShouldBe(Slices.Expected(A100, after));
        }

        _layout.Apply(_uuid, before);
        var changes = _fake.Changes;
        _layout.Apply(_uuid, after);
        (_fake.Changes - changes).ShouldBe(10, "each of the steps above has failed once");
    }

    [Fact]
    public void A_slice_that_still_computes_is_named_and_the_layout_completed_later()
    {
        _layout.Apply(_uuid, [Slice("2g.10gb", 0)]);
        _fake.Use(start: 0, pid: 4711);

        Should.Throw<MigLayoutException>(() => _layout.Apply(_uuid, [Slice("1g.5gb", 0)]))
            .Message.ShouldContain("destroying compute instance 0 of GPU instance 1 (2g.10gb at 0) failed, step 1 of 3");
        _fake.Use(start: 0, pid: 0);
        _layout.Apply(_uuid, [Slice("1g.5gb", 0)]).Created.ShouldBe(1);
    }

    [Fact]
    public void What_the_card_cant_be_is_refused_before_anything_is_changed()
    {
        _layout.Apply(_uuid, [Slice("3g.20gb", 4)]);
        var changes = _fake.Changes;

        Refusal(Slice("3g.20gb", 0), Slice("2g.10gb", 2)).ShouldBe("2g.10gb at 2 overlaps 3g.20gb at 0.");
        Refusal(Slice("4g.20gb", 4)).ShouldContain("4g.20gb at 4 (size 4) is no place of the card");
        Refusal(Slice("1g.5gb", 7)).ShouldContain("1g.5gb may start at 0 (size 1), 1 (size 1)");
        Refusal(Slice("1g.5gb+me", 0), Slice("1g.5gb+me", 1)).ShouldContain("2 of profile 1g.5gb+me are wanted");
        Refusal(Slices.Of("A30", "1g.6gb", 0)).ShouldContain("2g.10gb, not 1g.6gb: the layout is for another model");
        Refusal(Slices.Of("A30", "1g.6gb+me", 0)).ShouldContain("The card has no profile 21 (1g.6gb+me)");
        _fake.Changes.ShouldBe(changes);
    }

    [Fact]
    public void The_media_engines_of_a_GPU_are_given_once_whatever_the_size_of_the_slice()
    {
        using var fake = FakeNvml.WithMig("A30", out var uuid);
        using var nvml = fake.Open();

        Should.Throw<MigLayoutException>(() => new MigLayout(nvml).Apply(
                uuid, [Slices.Of("A30", "1g.6gb+me", 0), Slices.Of("A30", "2g.12gb+me", 2)]))
            .Message.ShouldContain("media engines");
        fake.Changes.ShouldBe(0);
    }

    [Fact]
    public void A_GPU_that_is_not_in_MIG_mode_takes_no_layout()
    {
        using var fake = new FakeNvml();
        fake.Add(A100);
        fake.Add("T4", bus: 1);
        using var nvml = fake.Open();
        string Refused(int gpu) => Should.Throw<MigLayoutException>(
            () => new MigLayout(nvml).Apply(nvml.UuidOf(nvml.DeviceAt(gpu)), [])).Message;

        Refused(0).ShouldContain("MIG is off");
        Refused(1).ShouldContain("it has no MIG");
    }

    [Fact]
    public void A_user_without_privileges_changes_nothing_and_is_told_what_is_needed()
    {
        _fake.SetPrivileged(false);

        Should.Throw<NvmlException>(() => _layout.Apply(_uuid, [Slice("1g.5gb", 0)]))
            .Message.ShouldContain("CAP_SYS_ADMIN");
    }

    [Fact]
    public void Drivers_that_name_no_profiles_are_served_too()
    {
        using var fake = FakeNvml.WithMig(A100, out var uuid, old: true);
        using var nvml = fake.Open();

        new MigLayout(nvml).Apply(uuid, [Slice("4g.20gb", 0), Slice("3g.20gb", 4)]).Created.ShouldBe(2);

        Slices.There(nvml, uuid).ShouldBe([(5, 0, "4"), (9, 4, "3")]);
    }

    private string Refusal(params MigSlice[] wanted) =>
        Should.Throw<MigLayoutException>(() => _layout.Apply(_uuid, wanted)).Message;

    private static MigSlice Slice(string profile, int start) => Slices.Of(A100, profile, start);
}
