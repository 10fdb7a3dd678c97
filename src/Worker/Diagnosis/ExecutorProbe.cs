using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Diagnosis;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.OpenCL;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Diagnosis;

/// <summary>Starts an executor as a worker does, in a folder of its own, and lets it compute something.</summary>
internal sealed class ExecutorProbe(WorkerSettings settings, IActorRuntime runtime)
{
    private const string Name = "worker.executor";
    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Program = 3;
    private const ulong Kernel = 4;
    private const ulong Buffer = 5;
    private const int Asked = 20;
    private const long MemoryBytes = 16 << 20;
    private const string Source = "kernel void twice(global int *a, int n) { a[0] = 2 * n; }";

    /// <summary>Whether sessions can run on a device.</summary>
    public async Task<HostCheck> RunAsync(OpenClDevice device)
    {
        var folder = Directory.CreateTempSubdirectory("gad-").FullName; // short: a socket's path has a bound
        var address = new DeviceAddress(device.PlatformIndex, device.DeviceIndex);
        var began = runtime.Time.GetTimestamp();
        try
        {
            await using var pool = new ExecutorPool(
                new ExecutorPoolSettings
                {
                    SocketFolder = Path.Combine(folder, "s"), PrestartPerDevice = 0, MaxTotal = 1,
                    StartTimeout = settings.Executors.StartTimeout,
                },
                ExecutorCommand.ForWorker(typeof(ExecutorProbe).Assembly.Location), [address], runtime,
                NullLogger<ExecutorPool>.Instance);
            var request = new SessionRequest(address, "doctor/probe", "doctor", 1, MemoryBytes);
            await using var session = await pool.AcquireAsync(request, new Silent(), CancellationToken.None);
            var started = runtime.Time.GetElapsedTime(began);
            var result = await ComputeAsync(session.Connection);
            var computed = runtime.Time.GetElapsedTime(began) - started;
            await session.ReleaseAsync();
            return result == 2 * Asked
                ? HostCheck.Ok(Name, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Name}: started in {started.TotalSeconds:0.0} s; a kernel was built and run in {computed.TotalSeconds:0.0} s"))
                : HostCheck.Failure(
                    Name, $"{device.Name}: a kernel gave {result} in the place of {2 * Asked}", "what it computes is right",
                    "Reinstall the device's OpenCL driver; do not lend this device.");
        }
        catch (Exception e) when (e is ExecutorUnavailableException or CommandException or IOException)
        {
            return HostCheck.Failure(
                Name, $"{device.Name}: {e.Message}", "an executor starts and runs a kernel",
                "What the executor said is above; run clinfo as the worker's user to see whether its driver works.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> ComputeAsync(CommandConnection stream)
    {
        var source = Encoding.UTF8.GetBytes(Source);
        var device = stream.Welcome.Devices[0].Id;
        await stream.SendAsync(new CreateContext(Context, new IdList(device)));
        await stream.SendAsync(new CreateQueue(Queue, Context, device));
        await stream.SendAsync(new CreateProgramWithSource(Program, Context, (ulong)source.Length), source);
        var built = await stream.RequestAsync(new BuildProgram(Program));
        if (built.Code != OpenClErrors.Success)
        {
            throw new IOException($"the compiler fails with {built.Code}: {built.Log}");
        }

        await stream.SendAsync(new CreateKernel(Kernel, Program, "twice"));
        await stream.SendAsync(new CreateBuffer(Buffer, Context, sizeof(int)));
        var arguments = new ArgumentList([KernelArgument.Memory(Buffer), KernelArgument.Value(Asked)]);
        await stream.SendAsync(new LaunchKernel(Queue, Kernel, 1, new WorkSize(1), arguments));
        var result = new byte[sizeof(int)];
        await stream.ReadAsync(new ReadBuffer(Queue, Buffer, 0, sizeof(int)), result);
        return MemoryMarshal.Read<int>(result);
    }

    private sealed class Silent : ICommandObserver;
}
