using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Tests.Devices;

public sealed class GpuLayoutTests
{
    private static readonly GpuModel A100 = GpuModels.BuiltIn.Find("A100-SXM4-40GB")!;
    private static readonly GpuMode[] Any =
        [GpuMode.Passthrough, GpuMode.Mig, GpuMode.Vgpu, GpuMode.VgpuMixed, GpuMode.Sriov, GpuMode.Shared];

    [Fact]
    public void Passthrough_belongs_to_one_and_nothing_else_touches_it()
    {
        var gpu = Layout(A100, Any);
        Place(gpu, new SliceShape.Whole()).ShouldBe(LayoutRefusal.None);
        gpu.Mode.ShouldBe(GpuMode.Passthrough);
        Place(gpu, new SliceShape.Whole()).ShouldBe(LayoutRefusal.TooMany);
        Place(gpu, new SliceShape.Fraction(1, 1)).ShouldBe(LayoutRefusal.WrongMode);
        Place(gpu, Profile("1g.5gb")).ShouldBe(LayoutRefusal.WrongMode);
        gpu.Remove(0).ShouldBeTrue();
        gpu.Mode.ShouldBeNull("an empty GPU is open to every mode again");
        Place(gpu, Profile("1g.5gb")).ShouldBe(LayoutRefusal.None);
        gpu.Mode.ShouldBe(GpuMode.Mig);
    }

    [Fact]
    public void A_GPU_whose_mode_is_set_takes_nothing_else_even_when_empty()
    {
        var gpu = Layout(A100, GpuMode.Vgpu);
        gpu.Mode.ShouldBe(GpuMode.Vgpu);
        Place(gpu, Profile("3g.20gb")).ShouldBe(LayoutRefusal.WrongMode);
        Place(gpu, new SliceShape.Whole()).ShouldBe(LayoutRefusal.WrongMode);
        Place(gpu, Profile("A100-10C")).ShouldBe(LayoutRefusal.None);
    }

    [Fact]
    public void The_first_vGPU_locks_the_size_until_the_GPU_is_empty()
    {
        var gpu = Layout(A100, GpuMode.Vgpu);
        for (var i = 0; i < 5; i++)
        {
            Place(gpu, Profile("A100-8C")).ShouldBe(LayoutRefusal.None);
        }

        Place(gpu, Profile("A100-8C")).ShouldBe(LayoutRefusal.TooMany);
        Place(gpu, Profile("A100-4C")).ShouldBe(LayoutRefusal.OtherSize);
        Enumerable.Range(0, 5).ShouldAllBe(number => gpu.Remove(number));
        Place(gpu, Profile("A100-4C")).ShouldBe(LayoutRefusal.None);
    }

    [Fact]
    public void Mixed_sizes_lie_side_by_side_at_their_placement_ids()
    {
        var gpu = Layout(A100, GpuMode.VgpuMixed);
        Place(gpu, Profile("A100-20C")).ShouldBe(LayoutRefusal.None);
        Place(gpu, Profile("A100-8C")).ShouldBe(LayoutRefusal.None);
        Place(gpu, Profile("A100-8C")).ShouldBe(LayoutRefusal.None);
        gpu.Slices.ShouldAllBe(slice => slice.Profile!.Starts.Contains(slice.Start));
        Place(gpu, Profile("A100-8C")).ShouldBe(LayoutRefusal.NoPlace);
        Place(gpu, Profile("A100-40C")).ShouldBe(LayoutRefusal.NoPlace);
    }

    [Fact]
    public void There_is_one_set_of_media_engines()
    {
        var gpu = Layout(GpuModels.BuiltIn.Find("A30")!, GpuMode.Mig);
        Place(gpu, Profile("1g.6gb+me", "A30")).ShouldBe(LayoutRefusal.None);
        Place(gpu, Profile("2g.12gb+me", "A30")).ShouldBe(LayoutRefusal.TooMany);
        Place(gpu, Profile("2g.12gb", "A30")).ShouldBe(LayoutRefusal.None);
    }

    [Fact]
    public void Fractions_share_memory_and_compute()
    {
        var gpu = Layout(GpuModels.BuiltIn.Find("generic")!, Any);
        Place(gpu, new SliceShape.Fraction(30L << 30, 60)).ShouldBe(LayoutRefusal.None);
        Place(gpu, new SliceShape.Fraction(11L << 30, 10)).ShouldBe(LayoutRefusal.NoMemory);
        Place(gpu, new SliceShape.Fraction(1L << 30, 50)).ShouldBe(LayoutRefusal.NoCompute);
        Place(gpu, new SliceShape.Fraction(10L << 30, 40)).ShouldBe(LayoutRefusal.None);
        (gpu.MemoryFree, gpu.ComputeFree).ShouldBe((0, 0));
    }

    [Fact]
    public void Beside_a_function_of_a_larger_device_there_is_room_for_fewer()
    {
        var gpu = new GpuLayout(GpuModels.BuiltIn.Find("MI300X")!, 192L << 30, 304, [GpuMode.Sriov]);
        gpu.TryAdd(new PlacedSlice(7, GpuMode.Sriov, null, -1, 180L << 30, 0, 38), out _).ShouldBeTrue();
        Place(gpu, new SliceShape.Function()).ShouldBe(LayoutRefusal.NoMemory);
        gpu.Remove(7).ShouldBeTrue();
        Place(gpu, new SliceShape.Function()).ShouldBe(LayoutRefusal.None);
    }

    [Fact]
    public void Functions_are_equal_parts()
    {
        var gpu = new GpuLayout(GpuModels.BuiltIn.Find("MI300X")!, 192L << 30, 304, [GpuMode.Sriov]);
        for (var i = 0; i < 8; i++)
        {
            Place(gpu, new SliceShape.Function()).ShouldBe(LayoutRefusal.None);
        }

        gpu.Slices.ShouldAllBe(slice => slice.MemoryBytes == 24L << 30 && slice.ComputeUnits == 38);
        Place(gpu, new SliceShape.Function()).ShouldBe(LayoutRefusal.TooMany);
        Place(Layout(A100 with { Functions = 0 }, GpuMode.Sriov), new SliceShape.Function())
            .ShouldBe(LayoutRefusal.NotOfModel);
    }

    [Fact]
    public void A_recorded_layout_is_restored_slice_by_slice_and_never_twice()
    {
        var gpu = Layout(A100, Any);
        Place(gpu, Profile("3g.20gb"));
        Place(gpu, Profile("1g.5gb"));
        var again = Layout(A100, Any);
        gpu.Slices.ToList().ForEach(again.Add);
        again.Slices.ShouldBe(gpu.Slices);
        again.Occupied.ShouldBe(gpu.Occupied);
        Should.Throw<InvalidOperationException>(() => again.Add(gpu.Slices[0]));
        Should.Throw<InvalidOperationException>(() => again.Add(gpu.Slices[0] with { Number = 9 }));
        Should.Throw<InvalidOperationException>(() => again.Add(new PlacedSlice(9, GpuMode.Shared, null, -1, 1, 1, 0)));
    }

    [Fact]
    public void A_recorded_slice_that_can_t_lie_there_is_refused_with_the_rule_that_it_breaks()
    {
        var gpu = Layout(A100, GpuMode.Shared); // what is recorded counts, whatever is allowed now
        var profile = A100.FindProfile("2g.10gb")!;
        var slice = new PlacedSlice(0, GpuMode.Mig, profile, 2, profile.MemoryBytes, 0, profile.ComputeUnits);
        gpu.TryAdd(slice, out _).ShouldBeTrue();
        Conflict(slice).ShouldContain("there already");
        Conflict(slice with { Number = 1, Start = 1 }).ShouldContain("can't begin at 1");
        Conflict(slice with { Number = 1, Start = -1 }).ShouldContain("can't begin at -1");
        Conflict(slice with { Number = 1, Mode = GpuMode.Shared, Profile = null, Start = -1 }).ShouldContain("beside one of mig");
        gpu.TryAdd(slice with { Number = 1, Start = 0 }, out _).ShouldBeTrue();
        Place(gpu, Profile("2g.10gb")).ShouldBe(LayoutRefusal.WrongMode, "the mode is not allowed any more");

        string Conflict(PlacedSlice other)
        {
            gpu.TryAdd(other, out var conflict).ShouldBeFalse();
            return conflict.ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData("1g.5gb", 3)]
    [InlineData("2g.10gb", 1)]
    [InlineData("3g.20gb", 1)]
    [InlineData("7g.40gb", 0)]
    [InlineData("1g.5gb+me", 1)]
    public void How_many_more_fit_is_counted_without_changing_anything(string profile, int count)
    {
        var gpu = Layout(A100, GpuMode.Mig);
        Place(gpu, Profile("4g.20gb"));
        gpu.CountFitting(Profile(profile)).ShouldBe(count);
        gpu.Slices.Count.ShouldBe(1);
        gpu.Occupied.ShouldBe((UInt128)0x0F);
    }

    [Fact]
    public void No_sequence_of_requests_and_releases_breaks_a_rule()
    {
        var models = GpuModels.BuiltIn.All.Where(model => model.MemoryBytes is not null).ToArray();
        Prop.ForAll<int, int[]>((which, steps) =>
        {
            var model = models[(which & int.MaxValue) % models.Length];
            var gpu = new GpuLayout(model, model.MemoryBytes!.Value, model.ComputeUnits ?? 1, Any);
            foreach (var step in steps.Select(step => step & int.MaxValue))
            {
                if (step % 3 == 0 && gpu.Slices.Count > 0)
                {
                    gpu.Remove(gpu.Slices[step / 3 % gpu.Slices.Count].Number).ShouldBeTrue();
                }
                else
                {
                    Place(gpu, ShapeOf(model, step));
                }

                Check(gpu);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static SliceShape ShapeOf(GpuModel model, int step)
    {
        var profiles = (model.Mig?.Profiles ?? []).Concat(model.Vgpu?.Types ?? []).ToArray();
        return (step % 5) switch
        {
            0 => new SliceShape.Whole(),
            1 => new SliceShape.Function(),
            2 => new SliceShape.Fraction(1 + ((long)(step % 97) << 28), 1 + (step % 100)),
            _ when profiles.Length == 0 => new SliceShape.Whole(),
            _ => new SliceShape.OfProfile(profiles[step / 5 % profiles.Length]),
        };
    }

    private static void Check(GpuLayout gpu)
    {
        gpu.Slices.Select(slice => slice.Mode).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
        gpu.Slices.Select(slice => slice.Number).ShouldBeUnique();
        gpu.MemoryFree.ShouldBeGreaterThanOrEqualTo(0);
        gpu.ComputeFree.ShouldBeGreaterThanOrEqualTo(0);
        gpu.Slices.Sum(slice => slice.ComputeUnits).ShouldBeLessThanOrEqualTo(gpu.ComputeUnits);
        var occupied = UInt128.Zero;
        foreach (var slice in gpu.Slices.Where(slice => slice.Start >= 0))
        {
            var units = MemoryLine.Interval(slice.Start, slice.Profile!.Size);
            (occupied & units).ShouldBe(UInt128.Zero);
            slice.Profile.Starts.ShouldContain(slice.Start);
            occupied |= units;
        }

        gpu.Occupied.ShouldBe(occupied);
        if (gpu.Mode == GpuMode.Vgpu && gpu.Slices.Count > 0)
        {
            gpu.Slices.Select(slice => slice.MemoryBytes).Distinct().Count().ShouldBe(1);
            gpu.Slices.Count.ShouldBeLessThanOrEqualTo(gpu.Slices[0].Profile!.Max);
        }
    }

    private static GpuLayout Layout(GpuModel model, params GpuMode[] modes) =>
        new(model, model.MemoryBytes ?? (40L << 30), model.ComputeUnits ?? 64, modes);

    private static SliceShape Profile(string name, string model = "A100-SXM4-40GB") =>
        new SliceShape.OfProfile(GpuModels.BuiltIn.Find(model)!.FindProfile(name)!);

    private static LayoutRefusal Place(GpuLayout gpu, SliceShape shape)
    {
        var refusal = gpu.TryFind(shape, out var place);
        if (refusal == LayoutRefusal.None)
        {
            gpu.Add(place);
        }

        return refusal;
    }
}
