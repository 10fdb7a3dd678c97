using System.Diagnostics;
using GpuActors.Benchmarks.Actors;
using GpuActors.Shared.Devices;

namespace GpuActors.Benchmarks.Sharing;

/// <summary>
/// The arithmetic of 10,000 GPUs in mixed modes, on one core: slices of all kinds come and go at random. An operation is
/// a slice found and placed, a slice refused, or a slice taken away.
/// </summary>
internal static class LayoutBenchmark
{
    private const int Gpus = 10_000;
    private const int Operations = 5_000_000;
    private const int Held = 40_000;
    private static readonly GpuMode[] Open = [GpuMode.Passthrough, GpuMode.Shared, GpuMode.Mig, GpuMode.Vgpu, GpuMode.VgpuMixed];

    public static void Run(TextWriter output)
    {
        var model = GpuModels.BuiltIn.Find("A100-SXM4-40GB")!;
        var random = new Random(1);
        var layouts = Enumerable.Range(0, Gpus).Select(i => new GpuLayout(
            model, model.MemoryBytes!.Value, model.ComputeUnits!.Value, i % 2 == 0 ? Open : [Open[i % Open.Length]])).ToArray();
        var shapes = Shapes(model);
        Mix(layouts, shapes, random, Operations / 10);
        var began = Stopwatch.GetTimestamp();
        var placed = Mix(layouts, shapes, random, Operations);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        RemotingBenchmarks.Print(output, "sharing.layout.operations", Operations / seconds, "operations/s");
        RemotingBenchmarks.Print(output, "sharing.layout.placed", 100.0 * placed / Operations, "% of operations");
    }

    private static SliceShape[] Shapes(GpuModel model) =>
    [
        .. model.Mig!.Profiles.Select(profile => new SliceShape.OfProfile(profile)),
        .. model.Vgpu!.Types.Select(type => new SliceShape.OfProfile(type)),
        new SliceShape.Fraction(4L << 30, 10),
        new SliceShape.Fraction(10L << 30, 25),
        new SliceShape.Whole(),
    ];

    private static int Mix(GpuLayout[] layouts, SliceShape[] shapes, Random random, int operations)
    {
        var held = new List<(GpuLayout Layout, int Number)>(Held);
        var placed = 0;
        for (var i = 0; i < operations; i++)
        {
            if (held.Count >= Held || (held.Count > 0 && random.Next(4) == 0))
            {
                var index = random.Next(held.Count);
                held[index].Layout.Remove(held[index].Number);
                held[index] = held[^1];
                held.RemoveAt(held.Count - 1);
                continue;
            }

            var layout = layouts[random.Next(layouts.Length)];
            if (layout.TryFind(shapes[random.Next(shapes.Length)], out var place) == LayoutRefusal.None)
            {
                layout.Add(place);
                held.Add((layout, place.Number));
                placed++;
            }
        }

        held.ForEach(slice => slice.Layout.Remove(slice.Number));
        return placed;
    }
}
