using GpuActors.Shared.Devices;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigLayoutPropertyTests
{
    [Theory]
    [InlineData("A100-40")]
    [InlineData("A30")]
    public void Layouts_applied_one_after_the_other_always_end_with_exactly_the_one_wanted(string model) =>
        Prop.ForAll<byte[][]>(layouts =>
        {
            using var fake = FakeNvml.WithMig(model, out var uuid);
            using var nvml = fake.Open();
            MigSlice[] before = [];
            foreach (var choices in layouts)
            {
                var wanted = LayoutOf(model, choices);
                var changes = fake.Changes;
                var applied = new MigLayout(nvml).Apply(uuid, wanted);

                var stays = before.Intersect(wanted).Count();
                Slices.There(nvml, uuid).ShouldBe(Slices.Expected(model, wanted));
                applied.Devices.Select(device => device.Slice).ShouldBe(wanted);
                (fake.Changes - changes).ShouldBe(2 * (before.Length + wanted.Length - (2 * stays)));
                before = wanted;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Failures_half_way_never_keep_the_next_call_from_its_layout() =>
        Prop.ForAll<byte[][], byte>((layouts, seed) =>
        {
            using var fake = FakeNvml.WithMig("A100-40", out var uuid);
            using var nvml = fake.Open();
            var layout = new MigLayout(nvml);
            for (var i = 0; i < layouts.Length; i++)
            {
                var wanted = LayoutOf("A100-40", layouts[i]);
                fake.FailAfter((seed + i) % 7, NvmlCode.InsufficientResources);
                try
                {
                    layout.Apply(uuid, wanted);
                }
                catch (MigLayoutException)
                {
                    layout.Apply(uuid, wanted);
                }

                fake.FailAfter(-1, NvmlCode.Success);
                Slices.There(nvml, uuid).ShouldBe(Slices.Expected("A100-40", wanted));
            }
        }).QuickCheckThrowOnFailure();

    /// <summary>A legal layout, as the scheduler would come to it: slices that come and go, by the choices.</summary>
    private static MigSlice[] LayoutOf(string fake, byte[] choices)
    {
        var model = Slices.ModelOf(fake);
        var gpu = new GpuLayout(model, model.MemoryBytes!.Value, model.ComputeUnits!.Value, [GpuMode.Mig]);
        foreach (var choice in choices)
        {
            var profile = model.Mig!.Profiles[choice % model.Mig.Profiles.Count];
            if (gpu.TryFind(new SliceShape.OfProfile(profile), out var place) == LayoutRefusal.None)
            {
                gpu.Add(place);
            }
            else if (choice % 3 == 0)
            {
                gpu.Remove(choice % gpu.Slices.Count);
            }
        }

        return [.. gpu.Slices.Select(MigSlice.Of)];
    }
}
