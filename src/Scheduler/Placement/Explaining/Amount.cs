using System.Globalization;

namespace GpuActors.Scheduler.Placement.Explaining;

/// <summary>Amounts as people read them.</summary>
internal static class Amount
{
    public static string Cpu(int milli) => string.Create(CultureInfo.InvariantCulture, $"{milli / 1000.0:0.###} CPU");

    public static string Memory(int mib) =>
        mib >= 1024 ? string.Create(CultureInfo.InvariantCulture, $"{mib / 1024.0:0.#} GiB") : $"{mib} MiB";

    public static string Gpu(int milli) => string.Create(CultureInfo.InvariantCulture, $"{milli / 10.0:0.#} % of a GPU");
}
