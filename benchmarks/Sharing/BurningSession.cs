using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sharing;

namespace GpuActors.Benchmarks.Sharing;

/// <summary>A session on a real executor that launches one kernel after the other, some ahead, and counts the ended.</summary>
internal sealed class BurningSession : IAsyncDisposable
{
    public static readonly DeviceAddress Device = new(0, 0);

    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Program = 3;
    private const ulong Kernel = 4;
    private const ulong Buffer = 5;
    private const int Items = 64;
    private const string Source = """
        kernel void burn(global float *out, int n)
        {
            float x = get_global_id(0);
            for (int i = 0; i < n; i++) x = x * 0.999f + 0.5f;
            out[get_global_id(0)] = x;
        }
        """;

    private readonly ExecutorSession _session;
    private readonly LaunchKernel _launch;
    private volatile bool _stops;
    private Task _running = Task.CompletedTask;
    private long _ended;

    private BurningSession(ExecutorSession session, int loops)
    {
        _session = session;
        _launch = new LaunchKernel(
            Queue, Kernel, 1, new WorkSize(Items),
            new ArgumentList([KernelArgument.Memory(Buffer), KernelArgument.Value(loops)]),
            Local: new WorkSize(Items));
    }

    /// <summary>Kernels that have ended.</summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <param name="pool">Executors.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="claim">How it takes turns; null: it takes none.</param>
    /// <param name="loops">How long its kernels are.</param>
    /// <param name="units">Compute units of its own; 0: all.</param>
    public static async Task<BurningSession> OpenAsync(
        ExecutorPool pool, string tenant, ShareClaim? claim, int loops, int units = 0)
    {
        var request = Request(tenant, claim) with { ComputeUnits = units };
        var session = await pool.AcquireAsync(request, new Deaf(), CancellationToken.None);
        var stream = session.Connection;
        var source = Encoding.UTF8.GetBytes(Source);
        await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        await stream.SendAsync(new CreateQueue(Queue, Context, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateProgramWithSource(Program, Context, (ulong)source.Length), source);
        await stream.RequestAsync(new BuildProgram(Program));
        await stream.SendAsync(new CreateKernel(Kernel, Program, "burn"));
        await stream.SendAsync(new CreateBuffer(Buffer, Context, Items * sizeof(float)));
        return new BurningSession(session, loops);
    }

    public static SessionRequest Request(string tenant, ShareClaim? claim) =>
        new(Device, $"{tenant}/bench", tenant, 1, 64 << 20, Claim: claim, Slice: $"host/0/{tenant}");

    /// <summary>Launches so many in a row and waits for the last.</summary>
    public async Task BurnAsync(int kernels)
    {
        for (var i = 0; i < kernels; i++)
        {
            await _session.Connection.SendAsync(_launch);
        }

        await _session.Connection.RequestAsync(new Finish(Queue));
    }

    /// <summary>Launches until it is stopped or disposed of, so many ahead.</summary>
    public void Start(int ahead)
    {
        _stops = false;
        _running = Task.Run(() => RunAsync(ahead));
    }

    /// <summary>Launches no more, and waits for what it has launched.</summary>
    public async Task StopAsync()
    {
        _stops = true;
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _session.ReleaseAsync();
        await _session.DisposeAsync();
    }

    private async Task RunAsync(int ahead)
    {
        var fences = new Queue<Task>();
        while (!_stops)
        {
            await _session.Connection.SendAsync(_launch);
            fences.Enqueue(_session.Connection.RequestAsync(new Finish(Queue)));
            if (fences.Count >= ahead)
            {
                await fences.Dequeue();
                Interlocked.Increment(ref _ended);
            }
        }

        await Task.WhenAll(fences);
    }

    private sealed class Deaf : ICommandObserver;
}
