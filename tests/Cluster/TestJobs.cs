using System.Globalization;
using System.Text;
using GpuActors.Shared.Jobs;

namespace GpuActors.Cluster.Tests;

/// <summary>Job documents for tests, written as their users would write them.</summary>
internal static class TestJobs
{
    /// <summary>Writes its number, computed in a loop of <paramref name="rounds"/>, 1,024 times: 4 KiB.</summary>
    public static JobDocument Number(string id, int number, int rounds = 1000) => Parse($$"""
        {
          "id": "{{id}}",
          "gpu": { "memory": "16MiB", "compute": "12%" },
          "programs": { "main": { "source":
            "kernel void number(int n, int rounds, global int* out) { int x = 0; for (int i = 0; i < rounds; i++) x += (i % 2 == 0) ? n : -n; out[get_global_id(0)] = n + x; }" } },
          "buffers": { "out": { "size": 4096 } },
          "steps": [
            { "launch": { "kernel": "number", "global": 1024, "args": [{ "int": {{number}} }, { "int": {{rounds}} }, "out"] } },
            { "read": { "from": "out", "output": "numbers" } }
          ],
          "outputs": { "numbers": { "element": "int" } }
        }
        """);

    /// <summary>One launch of <paramref name="kernel"/>, whose argument is a buffer of 4 KiB.</summary>
    public static JobDocument Kernel(string id, string kernel, string extra = "", int items = 64) => Parse($$"""
        {
          "id": "{{id}}", {{extra}}
          "gpu": { "memory": "16MiB", "compute": "12%" },
          "programs": { "main": { "source": "{{kernel}}" } },
          "buffers": { "b": { "size": 4096 } },
          "steps": [ { "launch": { "kernel": "k", "global": {{items}}, "args": ["b"] } } ]
        }
        """);

    /// <summary>Computes on one core for <paramref name="rounds"/> times a hundredth of a second or so.</summary>
    public static JobDocument Long(string id, int rounds) => Parse($$"""
        {
          "id": "{{id}}",
          "gpu": { "memory": "16MiB", "compute": "12%" },
          "programs": { "main": { "source":
            "kernel void k(global uint* b) { uint x = b[0]; for (int i = 0; i < 8000000; i++) x = x * 1664525u + 1013904223u; b[0] = x; }" } },
          "buffers": { "b": { "size": 4096 } },
          "steps": [ { "repeat": { "count": {{rounds}}, "steps": [ { "launch": { "kernel": "k", "global": 1, "args": ["b"] } } ] } } ]
        }
        """);

    /// <summary>Keeps one core busy and never ends by itself.</summary>
    public static JobDocument Endless(string id) =>
        Kernel(id, "kernel void k(global volatile int* b) { while (b[0] == 0) b[1]++; }", items: 1);

    /// <summary>Asks for more device memory than its slice has, which nobody knows before the slice is there.</summary>
    public static JobDocument Hungry(string id) => Parse($$"""
        {
          "id": "{{id}}",
          "gpu": { "memory": "0.1%", "compute": "12%" },
          "buffers": { "b": { "size": 67108864 } },
          "steps": [ { "fill": { "buffer": "b", "with": { "int": 1 } } } ]
        }
        """);

    /// <summary>The first number of a <see cref="Number"/> job's output.</summary>
    public static int FirstNumber(byte[] output) => BitConverter.ToInt32(output);

    public static string Id(string prefix, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");

    private static JobDocument Parse(string json) => JobDocument.Parse(Encoding.UTF8.GetBytes(json)).GetDocumentOrThrow();
}
