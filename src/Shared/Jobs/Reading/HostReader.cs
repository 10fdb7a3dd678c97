namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads <c>host</c>: what a job takes of its host beside GPUs.</summary>
internal static class HostReader
{
    private const int MilliPerCore = 1000;

    public static HostRequest Read(JsonValue? value)
    {
        if (value is not { } host
            || JsonFields.Open(host, "\"cpu\" (cores), \"memory\" (\"16GiB\") or both") is not { } fields)
        {
            return HostRequest.None;
        }

        var request = new HostRequest(
            fields.Optional("cpu") is { } cpu ? ReadCpu(cpu) : 0,
            fields.Optional("memory") is { } memory ? ReadMemory(memory) : 0);
        if (!fields.RefuseOthers() && fields.Count == 0)
        {
            host.Problems.Structure(host.Place, "lacks 'cpu' or 'memory'");
        }

        return request;
    }

    private static int ReadCpu(JsonValue value)
    {
        if (!JsonNumbers.TryReal(value.Element, out var cores))
        {
            value.RefuseValue<int>("must be a number of cores, such as 4 or 0.5");
            return 0;
        }

        var milli = cores * MilliPerCore;
        if (!(milli >= 1 && milli <= JobLimits.CpuMilli) || Math.Abs(milli - Math.Round(milli)) > 1e-6)
        {
            value.Problems.Meaning(
                value.Place, $"must be from 0.001 to {JobLimits.CpuMilli / MilliPerCore} cores, in steps of 0.001");
            return 0;
        }

        return (int)Math.Round(milli);
    }

    private static long ReadMemory(JsonValue value)
    {
        var bytes = AmountReader.ReadSize(value);
        if (bytes == 0)
        {
            value.Problems.Meaning(value.Place, $"must be from 1 to {JobLimits.MemoryBytes} bytes");
        }

        return bytes;
    }
}
