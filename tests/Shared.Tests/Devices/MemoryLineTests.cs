using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Tests.Devices;

/// <summary>
/// The rule of MIG and of mixed vGPU sizes against numbers that were found by enumerating NVIDIA's tables by other means.
/// </summary>
public sealed class MemoryLineTests
{
    [Theory]
    [InlineData("A100-SXM4-40GB", 298, 19, 14)]
    [InlineData("A100-SXM4-80GB", 298, 19, 14)]
    [InlineData("H100-SXM5-80GB", 298, 19, 14)]
    [InlineData("H200-SXM5-141GB", 298, 19, 14)]
    [InlineData("A30", 26, 5, 4)]
    public void Layouts_of_the_plain_profiles_are_as_many_as_they_should_be(
        string model, int legal, int maximal, int multisets) =>
        Count(model, profile => !IsMediaExtension(profile) && !IsDouble(profile)).ShouldBe((legal, maximal, multisets));

    [Theory]
    [InlineData("A100-SXM4-40GB")]
    [InlineData("H100-SXM5-80GB")]
    public void With_the_1g_of_double_memory_there_are_more(string model) =>
        Count(model, profile => !IsMediaExtension(profile)).ShouldBe((723, 78, 38));

    [Fact]
    public void The_largest_layouts_of_an_A100_are_those_of_the_guide()
    {
        var line = GpuModels.BuiltIn.Find("A100-SXM4-40GB")!.Mig!;
        var found = Layouts(line, profile => !IsMediaExtension(profile) && !IsDouble(profile))
            .Where(layout => layout.IsMaximal).Select(layout => layout.Multiset).Distinct();
        found.ShouldBe(
            [
                "7g", "4g 3g", "3g 3g", "3g 2g 2g", "4g 2g 1g", "3g 2g 1g", "2g 2g 2g 1g", "3g 2g 1g 1g", "4g 1g 1g 1g",
                "3g 1g 1g 1g", "2g 2g 1g 1g 1g", "3g 1g 1g 1g 1g", "2g 1g 1g 1g 1g 1g", "1g 1g 1g 1g 1g 1g 1g",
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("A100-SXM4-80GB", "A100D-20C", 4)]
    [InlineData("A100-SXM4-80GB", "A100D-16C", 4)]
    [InlineData("A100-SXM4-80GB", "A100D-8C", 8)]
    [InlineData("A100-SXM4-80GB", "A100D-4C", 16)]
    [InlineData("A100-SXM4-40GB", "A100-8C", 4)]
    [InlineData("A100-SXM4-40GB", "A100-4C", 8)]
    [InlineData("A30", "A30-8C", 2)]
    [InlineData("A30", "A30-4C", 4)]
    [InlineData("H100-SXM5-80GB", "H100XM-5C", 16)]
    [InlineData("H100-NVL-94GB", "H100L-15C", 4)]
    [InlineData("H100-NVL-94GB", "H100L-4C", 16)]
    [InlineData("A40", "A40-16C", 2)]
    [InlineData("A40", "A40-4C", 8)]
    public void As_many_of_a_mixed_type_fit_on_an_empty_GPU_as_the_guide_says(string model, string type, int most)
    {
        var line = GpuModels.BuiltIn.Find(model)!.Vgpu!.Mixed!;
        var profile = line.IndexOf(type);
        var occupied = UInt128.Zero;
        var count = 0;
        for (int start; (start = line.BestStart(occupied, profile)) >= 0; count++)
        {
            line.IsLegal(occupied, profile, start).ShouldBeTrue();
            occupied |= MemoryLine.Interval(start, line.Profiles[profile].Size);
        }

        count.ShouldBe(most);
    }

    [Fact]
    public void A_slice_goes_where_it_leaves_the_most_to_others()
    {
        var line = GpuModels.BuiltIn.Find("A100-SXM4-40GB")!.Mig!;
        Best("1g.5gb").ShouldBe(6);
        Best("3g.20gb").ShouldBe(4);
        Best("4g.20gb", MemoryLine.Interval(4, 4)).ShouldBe(0);
        Best("4g.20gb", MemoryLine.Interval(0, 1)).ShouldBe(-1);
        line.CountFree(MemoryLine.Interval(0, 1), line.IndexOf("2g.10gb")).ShouldBe(2);

        int Best(string profile, UInt128 occupied = default) => line.BestStart(occupied, line.IndexOf(profile));
    }

    [Fact]
    public void What_is_best_is_always_legal_and_found_whenever_something_is()
    {
        var lines = GpuModels.BuiltIn.All.SelectMany(m => new[] { m.Mig, m.Vgpu?.Mixed }).OfType<MemoryLine>().ToArray();
        Prop.ForAll<int, ulong, ulong>((which, low, high) =>
        {
            var line = lines[(which & int.MaxValue) % lines.Length];
            var occupied = new UInt128(high, low) & MemoryLine.Interval(0, line.Width);
            for (var profile = 0; profile < line.Profiles.Count; profile++)
            {
                var start = line.BestStart(occupied, profile);
                (start >= 0).ShouldBe(line.CountFree(occupied, profile) > 0);
                (start < 0 || line.IsLegal(occupied, profile, start)).ShouldBeTrue();
            }
        }).QuickCheckThrowOnFailure();
    }

    private static bool IsMediaExtension(SliceProfile profile) => profile.Name.Contains('+');

    private static bool IsDouble(SliceProfile profile) => profile is { ComputeSlices: 1, Size: 2 };

    private static (int Legal, int Maximal, int Multisets) Count(string model, Func<SliceProfile, bool> which)
    {
        var layouts = Layouts(GpuModels.BuiltIn.Find(model)!.Mig!, which).ToArray();
        var maximal = layouts.Where(layout => layout.IsMaximal).ToArray();
        return (layouts.Length, maximal.Length, maximal.Select(layout => layout.Multiset).Distinct().Count());
    }

    // All sets of places that do not overlap, each once.
    private static IEnumerable<(bool IsMaximal, string Multiset)> Layouts(MemoryLine line, Func<SliceProfile, bool> which)
    {
        var places = line.Profiles.Where(which).SelectMany(profile => profile.Starts.Select(start =>
            (Profile: profile, Units: MemoryLine.Interval(start, profile.Size)))).ToArray();
        return From(0, UInt128.Zero, []);

        IEnumerable<(bool, string)> From(int next, UInt128 occupied, SliceProfile[] chosen)
        {
            var isMaximal = places.All(place => (place.Units & occupied) != UInt128.Zero);
            yield return (isMaximal, string.Join(' ', chosen.Select(Kind).OrderDescending(StringComparer.Ordinal)));
            for (var i = next; i < places.Length; i++)
            {
                if ((places[i].Units & occupied) == UInt128.Zero)
                {
                    foreach (var layout in From(i + 1, occupied | places[i].Units, [.. chosen, places[i].Profile]))
                    {
                        yield return layout;
                    }
                }
            }
        }

        string Kind(SliceProfile profile) => IsDouble(profile) ? "1G" : profile.Name[..2];
    }
}
