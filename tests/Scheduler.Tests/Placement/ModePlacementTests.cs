using System.Text.Json;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using static GpuActors.Scheduler.Tests.Placement.TestGpus;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class ModePlacementTests
{
    private readonly CellState _cell = new(GpuModels.BuiltIn);

    [Fact]
    public void A_grant_says_all_that_its_slice_is()
    {
        _cell.HostUp("a", [Gpu(0)]);
        var mig = _cell.Place("mig", Profile("3g.20gb"))[0];
        (mig.Mode, mig.Profile, mig.Start, mig.ComputeUnits, mig.ComputePercent, mig.MemoryBytes)
            .ShouldBe((GpuMode.Mig, "3g.20gb", 4, 42, 0, 19968L << 20));
        _cell.HostUp("b", [Gpu(0, mode: GpuMode.Shared)]);
        var request = new GpuRequest { MemoryPercent = 50, Shares = ShareLevel.High, ComputeLimitPercent = 20 };
        var part = _cell.Place("part", request)[0];
        (part.Mode, part.Profile, part.Start, part.Shares).ShouldBe((GpuMode.Shared, null, -1, ShareLevel.High));
        part.LimitPercent.ShouldBe(50, "it is never less than what is reserved");
        _cell.HostUp("c", [Gpu(0, "MI300X")]);
        var function = _cell.Place("function", new GpuRequest { Function = true, Model = "MI300X" })[0];
        (function.Mode, function.ComputeUnits).ShouldBe((GpuMode.Sriov, 38));
        _cell.Place("whole", new GpuRequest { Whole = true, Vendor = "NVIDIA", Count = 1, Model = "A100*" }.On(_cell, "d"))[0]
            .ShouldSatisfyAllConditions(g => g.Whole.ShouldBeTrue(), g => g.Mode.ShouldBe(GpuMode.Passthrough));
    }

    [Fact]
    public void Profiles_fill_GPUs_of_their_mode_before_an_empty_one_is_opened()
    {
        _cell.HostUp("a", Gpus(3));
        var first = _cell.Place("1", Profile("3g.20gb"))[0].GpuIndex;
        _cell.Place("2", Profile("A100-10C"))[0].GpuIndex.ShouldNotBe(first);
        for (var i = 0; i < 4; i++)
        {
            _cell.Place($"mig{i}", Profile("1g.5gb"))[0].GpuIndex.ShouldBe(first);
        }

        _cell.Place("next", Profile("1g.5gb"))[0].GpuIndex.ShouldNotBe(first, "only unit 7, where no 1g begins, is left");
        _cell.Refuse(Whole()).Refusal.ShouldNotBeNull().ShouldContain("3 GPU(s) in use, and a whole one is asked for");
    }

    [Fact]
    public void The_fullest_GPU_that_fits_is_taken_and_spread_takes_the_emptiest()
    {
        _cell.HostUp("a", [Gpu(0), Gpu(1)]);
        _cell.Place("1", Profile("3g.20gb"));
        _cell.Place("2", Profile("7g.40gb"))[0].GpuIndex.ShouldBe(1);
        _cell.Release("2", 2, out _);
        _cell.HostUp("b", [Gpu(0, mode: GpuMode.Mig), Gpu(1, mode: GpuMode.Mig)]);
        _cell.Place("3", Profile("1g.5gb"))[0].Host.ShouldBe("a", "it is started");
        _cell.Place("4", Profile("1g.5gb"), "spread")[0].Host.ShouldBe("b", "it is empty and set to mig");
        _cell.Place("5", Profile("1g.5gb"))[0].Host.ShouldBe("a", "it is the fullest");
    }

    [Fact]
    public void A_GPU_set_to_a_mode_is_taken_before_one_that_is_open_to_all()
    {
        _cell.HostUp("a", [Gpu(0), Gpu(1, mode: GpuMode.Mig)]);
        _cell.Place("1", Profile("1g.5gb"))[0].GpuIndex.ShouldBe(1);
        _cell.Place("2", Whole())[0].GpuIndex.ShouldBe(0);
    }

    [Theory]
    [InlineData("7g.40gb", "1 GPU(s) with no place for 7g.40gb left on the memory line")]
    [InlineData("A100-10C", "1 GPU(s) in another mode (mig) until they are empty")]
    [InlineData("2g.12gb", "1 GPU(s) whose model has no profile '2g.12gb'")]
    [InlineData("1g.5gb+me", "1 GPU(s) without another 1g.5gb+me to give")]
    public void A_profile_that_finds_no_place_is_told_why(string profile, string reason)
    {
        _cell.HostUp("a", [Gpu(0)]);
        _cell.Place("there", Profile("1g.5gb+me"));
        _cell.Refuse(Profile(profile)).Refusal.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public void A_mode_that_an_operator_set_keeps_others_out_and_that_is_told()
    {
        _cell.HostUp("a", [Gpu(0, mode: GpuMode.Vgpu), Gpu(1, modes: [GpuMode.Passthrough, GpuMode.Shared])]);
        var decision = _cell.Refuse(Profile("3g.20gb"));
        decision.Refusal.ShouldNotBeNull()
            .ShouldContain("1 GPU(s) set to another mode (vgpu), which an operator can change while they are empty");
        decision.Refusal.ShouldContain("1 GPU(s) whose worker allows no mode that has 3g.20gb");
        decision.CouldFit.ShouldBeFalse("nobody is kept waiting behind it");
        _cell.Apply(new GpuModeSet("a", 0, null, "op", default));
        _cell.Place("1", Profile("3g.20gb"))[0].GpuIndex.ShouldBe(0);
        _cell.Refuse(Profile("A100-10C")).CouldFit.ShouldBeTrue();
    }

    [Fact]
    public void Attributes_choose_the_kind_of_device()
    {
        _cell.HostUp("a", [Gpu(0), Gpu(1)]);
        _cell.HostUp("b", [Gpu(2, "H100-SXM5-80GB"), Gpu(3, "MI300X")]);
        (string Reason, GpuRequest Request)[] refused =
        [
            ("4 GPU(s) of another vendor than 'Intel'", Whole() with { Vendor = "Intel" }),
            ("3 GPU(s) with less than 171798691840 bytes in all", Whole() with { DeviceMemoryBytes = 160L << 30, Vendor = "NVIDIA" }),
            ("4 GPU(s) without compute capability 9.1", Whole() with { ComputeCapability = new Version(9, 1) }),
            ("4 GPU(s) with a driver older than 535.105", Whole() with { Driver = "535.105" }),
            ("4 GPU(s) on another NUMA node than 7", Whole() with { NumaNode = 7 }),
            ("3 GPU(s) without RDMA", Whole() with { Rdma = true, Model = "H100*" }),
        ];
        foreach (var (reason, request) in refused)
        {
            _cell.Refuse(request).Refusal.ShouldNotBeNull().ShouldContain(reason[1..]);
        }

        _cell.Place("1", Whole() with { ComputeCapability = new Version(9, 0) })[0].GpuIndex.ShouldBe(2);
        _cell.Place("2", Whole() with { Vendor = "amd", DeviceMemoryBytes = 100L << 30 })[0].GpuIndex.ShouldBe(3);
        _cell.Place("3", Whole() with { NumaNode = 1, Driver = "535.104" })[0].GpuIndex.ShouldBe(1);
        _cell.Place("4", Whole() with { Rdma = true })[0].GpuIndex.ShouldBe(0);
    }

    [Fact]
    public void Slices_of_before_there_were_modes_are_whole_or_shared()
    {
        _cell.Reserve("w", 1, [new SliceGrant("a/0/s0", "a", 0, 40960L << 20, 100, true)], default);
        _cell.Reserve("f", 2, [new SliceGrant("a/1/s0", "a", 1, 1L << 30, 30, false)], default);
        _cell.HostUp("a", Gpus(2));
        _cell.Hosts["a"].Select(gpu => gpu.Mode).ShouldBe([GpuMode.Passthrough, GpuMode.Shared]);
        _cell.Place("more", Fraction(60))[0].GpuIndex.ShouldBe(1);
        _cell.Refuse(Profile("1g.5gb"));
    }

    [Fact]
    public void Functions_of_a_larger_device_that_was_there_before_leave_room_for_fewer()
    {
        var large = new SliceGrant("a/0/s0", "a", 0, 37L << 30, 0, false, Mode: GpuMode.Sriov, ComputeUnits: 6);
        _cell.Reserve("large", 1, [large], default);
        _cell.HostUp("a", [Gpu(0)]);
        _cell.Place("beside", new GpuRequest { Function = true });
        _cell.Refuse(new GpuRequest { Function = true }).Refusal.ShouldNotBeNull().ShouldContain("too little free memory now");
    }

    [Fact]
    public void A_refusal_is_looked_at_anew_when_something_has_changed()
    {
        var engine = new CellEngine(_cell, "best-fit");
        _cell.HostUp("a", [Gpu(0)]);
        _cell.Place("1", Whole());
        var refused = engine.Decide(Whole(), new HashSet<string>());
        engine.Decide(Whole(), new HashSet<string>()).ShouldBeSameAs(refused);
        _cell.HostUp("b", [Gpu(0, "A30")]);
        engine.Decide(Whole() with { Model = "H100*" }, new HashSet<string>()).Refusal.ShouldNotBeNull().ShouldContain("2 GPU(s)");
        _cell.Place("2", Whole());
        engine.Decide(Whole(), new HashSet<string>()).Refusal.ShouldNotBeNull().ShouldContain("2 GPU(s) in");
    }

    [Fact]
    public void A_snapshot_of_before_there_were_modes_is_read()
    {
        const string Stored = """
            {"lastEpoch":7,"reservations":[{"session":"t/j","epoch":3,"slices":[{"name":"a/0/s1","host":"a","gpuIndex":0,
            "memoryBytes":1024,"computePercent":10,"whole":false}],"at":"2026-01-01T00:00:00+00:00"}]}
            """;
        _cell.Restore(JsonSerializer.Deserialize(Stored, SchedulerEventsJsonContext.Default.CellSnapshot)!);
        _cell.HostUp("a", Gpus(1));
        _cell.LastEpoch.ShouldBe(7);
        (_cell.Hosts["a"][0].Mode, _cell.Hosts["a"][0].ComputeFree).ShouldBe((GpuMode.Shared, 90));
    }

    [Fact]
    public void A_host_that_comes_back_with_another_device_keeps_what_is_recorded_and_gets_nothing_that_contradicts()
    {
        _cell.HostUp("a", [Gpu(0)], lease: 1);
        _cell.Place("mig", Profile("3g.20gb"));
        _cell.HostUp("a", [Gpu(0, "A30")], lease: 2);
        var gpu = _cell.Hosts["a"][0];
        (gpu.HasMisfits, gpu.SliceCount, gpu.Mode).ShouldBe((true, 1, GpuMode.Mig));
        _cell.Refuse(Profile("1g.6gb")).Refusal.ShouldNotBeNull().ShouldContain("came back as other ones");
        _cell.Release("mig", 1, out _).ShouldBeTrue();
        _cell.Place("new", Profile("1g.6gb"))[0].HostLease.ShouldBe(2);
    }

    [Fact]
    public void What_had_no_room_beside_others_fits_when_they_are_gone()
    {
        var small = Gpu(0) with { MemoryBytes = 30L << 30 };
        _cell.HostUp("a", [Gpu(0)]);
        _cell.Place("1", Fraction(50));
        _cell.Place("2", Fraction(40));
        _cell.HostUp("a", [small]);
        _cell.Hosts["a"][0].HasMisfits.ShouldBeTrue();
        _cell.Refuse(Fraction(1));
        _cell.Release("1", 1, out _);
        _cell.Hosts["a"][0].HasMisfits.ShouldBeFalse();
        _cell.Place("3", Fraction(10));
    }

    [Fact]
    public void Slices_of_a_mode_that_is_not_allowed_any_more_stay_alone()
    {
        _cell.HostUp("a", [Gpu(0)]);
        _cell.Place("1", Fraction(50));
        _cell.HostUp("a", [Gpu(0, mode: GpuMode.Mig)]);
        _cell.Refuse(Fraction(10)).Refusal.ShouldNotBeNull().ShouldContain("set to another mode (mig)");
        _cell.Refuse(Profile("1g.5gb")).Refusal.ShouldNotBeNull().ShouldContain("in another mode (shared) until they are empty");
        _cell.Release("1", 1, out _);
        _cell.Place("2", Profile("1g.5gb"));
    }

    [Fact]
    public void An_operators_mode_counts_above_the_workers_settings_and_outlasts_them()
    {
        _cell.Apply(new GpuModeSet("a", 0, GpuMode.Mig, "op", default));
        _cell.HostUp("a", [Gpu(0, mode: GpuMode.Vgpu)], lease: 1);
        _cell.Hosts["a"][0].Mode.ShouldBe(GpuMode.Mig);
        _cell.HostUp("a", [Gpu(0, "T4", modes: [GpuMode.Shared])], lease: 2);
        _cell.Refuse(Fraction(10)).Refusal.ShouldNotBeNull().ShouldContain("set to another mode (mig)");
    }
}

internal static class RequestExtensions
{
    /// <summary>Lets a host with one device join that the request finds.</summary>
    public static GpuRequest On(this GpuRequest request, CellState cell, string host)
    {
        cell.HostUp(host, [Gpu(0)]);
        return request;
    }
}
