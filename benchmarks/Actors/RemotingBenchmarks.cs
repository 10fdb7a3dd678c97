using System.Diagnostics;
using System.Globalization;
using System.Net;
using GpuActors.Actors;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;

namespace GpuActors.Benchmarks.Actors;

/// <summary>
/// Two processes over loopback TCP, frames encrypted: latency and rate of questions, rate of echoes. Prints a line for
/// each figure: <c>name TAB value TAB unit</c>. The median of several rounds after a warm-up.
/// </summary>
public static class RemotingBenchmarks
{
    /// <summary>The argument that makes this program the other process; its main method calls <see cref="EchoNodeAsync"/>.</summary>
    public const string EchoNodeArgument = "remoting-echo-node";

    const int Rounds = 5;

    internal static readonly RemoteSettings Settings = new() { Secret = "a secret for benchmarks only" };

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        using var other = StartOther(EchoNodeArgument);
        try
        {
            var tcp = new IPEndPoint(
                IPAddress.Loopback, int.Parse((await other.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
            Print(output, "remoting.raw_tcp.p50", RawTcp.MedianMicroseconds(tcp), "us");
            var address = await other.StandardOutput.ReadLineAsync();
            var system = NewSystem("bench");
            await system.StartRemotingAsync(Settings);
            await MeasureAsync(output, system, address + "/user/echo");
            await system.Terminate();
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync();
        }
    }

    /// <summary>The other process: echoes until it is killed.</summary>
    public static async Task EchoNodeAsync(TextWriter output)
    {
        var system = NewSystem("echo");
        var remoting = await system.StartRemotingAsync(Settings);
        system.ActorOf(Props.Create(() => new EchoActor()), "echo");
        await output.WriteLineAsync(RawTcp.StartEcho().ToString(CultureInfo.InvariantCulture));
        await output.WriteLineAsync(remoting.Address.ToString());
        await output.FlushAsync();
        await system.WhenTerminated;
    }

    internal static ProductionRuntime NewRuntime() => new(new TcpNetwork());

    internal static ActorSystem NewSystem(string name)
    {
        var system = ActorSystem.Create(name, new ActorSystemSetup { Runtime = NewRuntime() });
        system.Serialization.Register("binary", new RemotingMessages.BinaryCodec());
        system.Serialization.Register("json", RemotingMessageJson.Default.JsonMessage);
        return system;
    }

    /// <summary>This program once more, as another process.</summary>
    internal static Process StartOther(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        Array.ForEach(arguments, start.ArgumentList.Add);
        return Process.Start(start)!;
    }

    static async Task MeasureAsync(TextWriter output, ActorSystem system, string echoPath)
    {
        var echo = await system.ActorSelection(echoPath).ResolveOne(TimeSpan.FromSeconds(10));
        var binary = new RemotingMessages.Binary(42);
        var json = new RemotingMessages.JsonMessage("a job", 42, true);
        await RemoteAsking.PrintLatencyAsync(output, "remoting.ask", echo, binary);
        await RateAsync(output, "remoting.ask.1024_in_flight", "answers/s", () => RemoteAsking.RateAsync(echo, binary, 1024, 500_000));
        await RateAsync(output, "remoting.ask.1024_in_flight.json", "answers/s", () => RemoteAsking.RateAsync(echo, json, 1024, 200_000));
        await RateAsync(output, "remoting.echo.10_actors.window_100", "echoes/s", () => RemoteEcho.RateAsync(system, echo, _ => binary, 10, 100, 1_000_000));
        await RateAsync(output, "remoting.echo.10_actors.window_100.json", "echoes/s", () => RemoteEcho.RateAsync(system, echo, _ => json, 10, 100, 400_000));
    }

    internal static async Task RateAsync(TextWriter output, string name, string unit, Func<Task<double>> run)
    {
        await run(); // warm-up
        var figures = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            figures.Add(await run());
        }

        figures.Sort();
        Print(output, name, figures[Rounds / 2], unit);
    }

    internal static void Print(TextWriter output, string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{value:0.###}\t{unit}"));

    internal sealed class EchoActor : ReceiveActor
    {
        public EchoActor() => ReceiveAny(message => Sender.Tell(message, Self));
    }
}
