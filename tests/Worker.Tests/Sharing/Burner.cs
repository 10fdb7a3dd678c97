using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sharing;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>A session that launches one kernel after the other, a few ahead, and counts those that have ended.</summary>
internal sealed class Burner : IAsyncDisposable
{
    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Program = 3;
    private const ulong Kernel = 4;
    private const ulong Buffer = 5;
    private const int Items = 64;
    private const int Ahead = 8;
    private const string Source = """
        kernel void burn(global float *out, int n)
        {
            float x = get_global_id(0);
            for (int i = 0; i < n; i++) x = x * 0.999f + 0.5f;
            out[get_global_id(0)] = x;
        }
        """;

    private readonly ExecutorSession _session;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _loops;
    private Task _running = Task.CompletedTask;
    private long _ended;

    private Burner(ExecutorSession session, int loops) => (_session, _loops) = (session, loops);

    /// <summary>Kernels that have ended.</summary>
    public long Ended => Volatile.Read(ref _ended);

    public ExecutorSession Session => _session;

    /// <summary>Opens a session of its own tenant, and builds.</summary>
    /// <param name="pool">Executors.</param>
    /// <param name="name">The tenant.</param>
    /// <param name="claim">How it shares the device.</param>
    /// <param name="loops">How long a kernel is: 10,000 are about a millisecond on one core.</param>
    public static async Task<Burner> OpenAsync(PoolFixture pool, string name, ShareClaim? claim, int loops)
    {
        var request = PoolFixture.Request(name) with { Claim = claim, Slice = $"host/0/{name}" };
        var session = await pool.Pool.AcquireAsync(request, new PoolFixture.Listener(), CancellationToken.None)
            .WithDeadline("an executor");
        var stream = session.Connection;
        var source = Encoding.UTF8.GetBytes(Source);
        await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        await stream.SendAsync(new CreateQueue(Queue, Context, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateProgramWithSource(Program, Context, (ulong)source.Length), source);
        (await stream.RequestAsync(new BuildProgram(Program)).WithDeadline("a build")).Code.ShouldBe(OpenClErrors.Success);
        await stream.SendAsync(new CreateKernel(Kernel, Program, "burn"));
        await stream.SendAsync(new CreateBuffer(Buffer, Context, Items * sizeof(float)));
        return new Burner(session, loops);
    }

    /// <summary>Launches until it is stopped.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Waits until so many kernels have ended.</summary>
    public Task UntilAsync(long ended) => Deadlines.Until(
        () =>
        {
            if (_running.IsFaulted)
            {
                _running.GetAwaiter().GetResult();
            }

            return Ended >= ended;
        },
        $"{ended} kernels have ended");

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WithDeadline("the last kernels");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_running.ContinueWith(_ => { }, TaskScheduler.Default)).WithDeadline("the last kernels");
        await _session.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var launch = new LaunchKernel(
            Queue, Kernel, 1, new WorkSize(Items),
            new ArgumentList([KernelArgument.Memory(Buffer), KernelArgument.Value(_loops)]),
            Local: new WorkSize(Items)); // in one group: two threads of PoCL may need one or two times as long
        var fences = new Queue<Task>();
        while (!_stop.IsCancellationRequested)
        {
            await _session.Connection.SendAsync(launch);
            fences.Enqueue(_session.Connection.RequestAsync(new Finish(Queue)));
            if (fences.Count >= Ahead)
            {
                await fences.Dequeue();
                Interlocked.Increment(ref _ended);
            }
        }

        while (fences.TryDequeue(out var fence))
        {
            await fence;
            Interlocked.Increment(ref _ended);
        }
    }
}
