using System.Diagnostics;
using System.Text;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Benchmarks.Jobs;

/// <summary>The benchmark's kernel run directly through OpenCL in this process: launch, finish, read 4 KiB.</summary>
internal static unsafe class NativeKernel
{
    /// <summary>Milliseconds of each of <paramref name="runs"/>, after a warm-up.</summary>
    public static double[] Measure(string source, string kernelName, int items, int runs)
    {
        var (_, device, _) = OpenClDevices.Open("0/0");
        int error;
        var context = Cl.CreateContext(null, 1, &device, null, null, &error);
        Check(error);
        var queue = Cl.CreateCommandQueueWithProperties(context, device, null, &error);
        Check(error);
        var kernel = Build(context, device, source, kernelName);
        var bytes = (nuint)(items * sizeof(int));
        var buffer = Cl.CreateBuffer(context, 1, bytes, null, &error);
        Check(error);
        var number = 7;
        Check(Cl.SetKernelArg(kernel, 0, sizeof(int), &number));
        Check(Cl.SetKernelArg(kernel, 1, (nuint)sizeof(nint), &buffer));
        var times = new double[runs];
        var output = new int[items];
        fixed (int* pointer = output)
        {
            for (var run = -10; run < runs; run++)
            {
                var started = Stopwatch.GetTimestamp();
                var global = (nuint)items;
                Check(Cl.EnqueueNDRangeKernel(queue, kernel, 1, null, &global, null, 0, null, null));
                Check(Cl.EnqueueReadBuffer(queue, buffer, 1, 0, bytes, pointer, 0, null, null));
                if (run >= 0)
                {
                    times[run] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                }
            }
        }

        Check(Cl.ReleaseMemObject(buffer));
        Check(Cl.ReleaseKernel(kernel));
        Check(Cl.ReleaseCommandQueue(queue));
        Check(Cl.ReleaseContext(context));
        return times;
    }

    private static nint Build(nint context, nint device, string source, string kernelName)
    {
        int error;
        fixed (byte* text = Encoding.UTF8.GetBytes(source + "\0"))
        fixed (byte* name = Encoding.UTF8.GetBytes(kernelName + "\0"))
        {
            var program = Cl.CreateProgramWithSource(context, 1, &text, null, &error);
            Check(error);
            Check(Cl.BuildProgram(program, 1, &device, null, null, null));
            var kernel = Cl.CreateKernel(program, name, &error);
            Check(error);
            Check(Cl.ReleaseProgram(program));
            return kernel;
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"OpenCL error {error}.");
        }
    }
}
