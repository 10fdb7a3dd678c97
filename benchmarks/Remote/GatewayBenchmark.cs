using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Benchmarks.Remote;

/// <summary>
/// A client's round trip to an executor that serves its socket directly, against the same through the worker's own
/// connection, as jobs have it: a kernel that does nothing, launched and waited for, one at a time.
/// </summary>
internal static class GatewayBenchmark
{
    private const int Rounds = 5_000;
    private const int WarmUpRounds = 2_000;
    private const int Connects = 200;
    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Program = 3;
    private const ulong Kernel = 4;
    private const string Source = "kernel void nothing(int n) { }";
    private const string Session = "bench/session";
    private const long Epoch = 1;

    private static readonly DeviceAddress Device = new(0, 0);
    private static readonly LaunchKernel Launch = new(
        Queue, Kernel, 1, new WorkSize(1), new ArgumentList([KernelArgument.Value(7)]));

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        var folder = Path.Combine(Path.GetTempPath(), "gab-" + Path.GetRandomFileName());
        var runtime = new ProductionRuntime();
        await using var pool = new ExecutorPool(
            new ExecutorPoolSettings { SocketFolder = folder }, ExecutorCommand.ForWorker(typeof(ExecutorPool).Assembly.Location),
            [Device], runtime, NullLogger<ExecutorPool>.Instance);
        await JobPathAsync(output, pool);
        var tickets = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple 1"), runtime.Time);
        await using var gateway = SessionGateway.Start(
            new SessionGatewaySettings { Enabled = true, Host = "127.0.0.1", Port = 0, Tls = false, MaxStreams = 8 },
            folder + ".s", tickets, runtime, NullLogger.Instance);
        var devices = new Dictionary<int, AttemptDevice> { [0] = new(Device, GpuModels.BuiltIn.Recognize("pthread")) };
        var attempts = new InteractiveAttempt(pool, devices, gateway, 8, runtime, NullLogger<InteractiveAttempt>.Instance);
        using var stop = new CancellationTokenSource();
        var running = attempts.RunAsync(Start(), new Deaf(), stop.Token);
        var key = SessionKey.Of(
            tickets.Issue("bench", "bench", TicketRole.Session, TimeSpan.FromHours(1), $"{Session}@{Epoch}"));
        await StreamAsync(output, "remote.gateway.tcp", () => TcpAsync(gateway.Address), key);
        await StreamAsync(output, "remote.gateway.unix", () => UnixAsync(folder + ".s"), key);
        await stop.CancelAsync();
        await running;
    }

    private static async Task JobPathAsync(TextWriter output, ExecutorPool pool)
    {
        var request = new SessionRequest(Device, "bench/job", "bench", 1, 64 << 20);
        await using var session = await pool.AcquireAsync(request, new Silent(), CancellationToken.None);
        Print(output, "remote.gateway.job_path.noop_finish.p50", Percentile(await RoundTripsAsync(session.Connection), 50), "µs");
        await session.ReleaseAsync();
    }

    private static async Task StreamAsync(TextWriter output, string name, Func<Task<Stream>> dial, SessionKey key)
    {
        await using (var connection = await ConnectAsync(dial, key))
        {
            var times = await RoundTripsAsync(connection);
            Print(output, name + ".noop_finish.p50", Percentile(times, 50), "µs");
            Print(output, name + ".noop_finish.p99", Percentile(times, 99), "µs");
        }

        var connects = new double[Connects];
        for (var i = 0; i < Connects; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var connection = await ConnectAsync(dial, key);
            connects[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Print(output, name + ".connect.p50", Percentile(connects, 50) / 1000, "ms");
    }

    /// <summary>Handshake, executor, and the answer to a first question.</summary>
    private static async Task<CommandConnection> ConnectAsync(Func<Task<Stream>> dial, SessionKey key)
    {
        var stream = await GatewayHandshake.ConnectAsync(
            await dial(), key, ConnectionKind.Main, Guid.NewGuid(), null, CancellationToken.None);
        var connection = new CommandConnection(stream, new Silent(), TimeProvider.System);
        await connection.RequestAsync(new Query(QueryKind.Session, 0));
        return connection;
    }

    private static async Task<double[]> RoundTripsAsync(CommandConnection stream)
    {
        var source = Encoding.UTF8.GetBytes(Source);
        await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        await stream.SendAsync(new CreateQueue(Queue, Context, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateProgramWithSource(Program, Context, (ulong)source.Length), source);
        await stream.RequestAsync(new BuildProgram(Program));
        await stream.SendAsync(new CreateKernel(Kernel, Program, "nothing"));
        var times = new double[Rounds];
        for (var i = -WarmUpRounds; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await stream.SendAsync(Launch);
            await stream.RequestAsync(new Finish(Queue));
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            }
        }

        return times;
    }

    private static async Task<Stream> TcpAsync(string address)
    {
        var colon = address.LastIndexOf(':');
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address[..colon], int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<Stream> UnixAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static StartAttempt Start() => new(
        "host", Session, "bench", Epoch, [new SliceGrant("host/0/s0", "host", 0, 64 << 20, 100, Whole: true)],
        JsonDocument.Parse("""{ "id": "session", "gpu": { "whole": true }, "interactive": { "lease": null } }""").RootElement,
        TimeSpan.FromHours(1));

    private static double Percentile(double[] values, int percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }

    private static void Print(TextWriter output, string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{value:0.###}\t{unit}"));

    private sealed class Silent : ICommandObserver;

    private sealed class Deaf : IAttemptObserver
    {
        public void Started(SessionEndpoint? endpoint)
        {
        }

        public void Progress(long stepsDone, long stepsTotal)
        {
        }

        public void Log(string text)
        {
        }
    }
}
