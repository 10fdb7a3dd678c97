using System.Globalization;

namespace GpuActors.Scheduler.Placement;

/// <summary>The names of slices: <c>HOST/INDEX/sN</c>.</summary>
public static class SliceName
{
    /// <summary>The name of slice <paramref name="number"/> on a device.</summary>
    public static string Of(string host, int gpuIndex, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{host}/{gpuIndex}/s{number}");

    /// <summary>The number in a slice's name.</summary>
    public static int NumberOf(string name) =>
        int.Parse(name.AsSpan(name.LastIndexOf('/') + 2), NumberStyles.None, CultureInfo.InvariantCulture);
}
