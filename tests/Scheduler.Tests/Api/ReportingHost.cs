using GpuActors.Actors;
using GpuActors.Actors.Remoting;
using GpuActors.Node;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>
/// A worker as far as the scheduler can tell: it connects, registers, begins what it is told to, and reports what that
/// uses. Its sessions run until they are stopped.
/// </summary>
internal sealed class ReportingHost : IAsyncDisposable
{
    private readonly ActorSystem _system;

    private ReportingHost(ActorSystem system) => _system = system;

    public static async Task<ReportingHost> StartAsync(string name, string scheduler, string secret)
    {
        var config = ConfigurationFactory.Load(
            [], ["gpuactors.remoting.port = 0", $"gpuactors.security.cluster-secret = \"{secret}\""], _ => null);
        var system = NodeActors.Create(NodeActors.WorkerSystem, ActorSettings.From(config), NullLoggerFactory.Instance);
        await system.StartRemotingAsync(
            NodeActors.Remoting(RemotingSettings.From(config), SecuritySettings.From(config).Secret), CancellationToken.None);
        system.ActorOf(Props.Create(() => new Worker(name, $"akka://{NodeActors.SchedulerSystem}@{scheduler}")), "worker");
        return new ReportingHost(system);
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();

    /// <summary>What a session is reported to have used after so many reports.</summary>
    private static SliceUsage Usage(StartAttempt attempt, int reports) => new(
        attempt.Slices[0].Name,
        attempt.Session,
        attempt.Tenant,
        attempt.Epoch,
        TimeSpan.FromSeconds(0.5 * reports),
        TimeSpan.FromSeconds(0.25 * reports),
        TimeSpan.FromSeconds(0.125 * reports),
        100 * reports,
        1_000 * reports,
        10 * reports,
        attempt.Slices[0].MemoryBytes / 2,
        attempt.Slices[0].MemoryBytes);

    /// <summary>Where the client of an interactive session is told to connect; nobody listens there.</summary>
    private static SessionEndpoint? Endpoint(StartAttempt start) => start.Document.TryGetProperty("interactive", out _)
        ? new SessionEndpoint("127.0.0.1:9", null, null, "machine-1")
        : null;

    private sealed class Worker : ReceiveActor, IWithTimers
    {
        private readonly Guid _incarnation = Guid.NewGuid();
        private readonly Dictionary<string, StartAttempt> _running = [];
        private IActorRef? _twin;
        private int _reports;

        public Worker(string name, string scheduler)
        {
            Receive<WorkerRegistered>(_ => _twin = Sender);
            Receive<StartAttempt>(start =>
            {
                _running[start.Session] = start;
                ToSessions(new AttemptStarted(start.Session, start.Epoch, TimeSpan.Zero, Endpoint(start)));
            });
            Receive<StopAttempt>(stop =>
            {
                _running.Remove(stop.Session);
                var outcome = new AttemptOutcome(AttemptResult.Stopped, null, [], "", TimeSpan.Zero);
                ToSessions(new AttemptEnded(stop.Session, stop.Epoch, outcome));
            });
            Receive<Beat>(_ =>
            {
                if (_twin is null)
                {
                    Context.ActorSelection($"{scheduler}/user/hosts").Tell(Registration(name), Self);
                    return;
                }

                _reports++;
                _twin.Tell(new ReportUsage(name, _incarnation, [.. _running.Values.Select(start => Usage(start, _reports))]), Self);
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() =>
            Timers.StartPeriodicTimer("beat", new Beat(), TimeSpan.FromMilliseconds(100));

        private RegisterWorker Registration(string name) => new(
            name, Guid.NewGuid(), _incarnation, "1", [new GpuInventory(0, "A100", "NVIDIA", "1", "gpu", 16L << 30, 8)], 64, [],
            TimeSpan.Zero);

        private void ToSessions(object message) =>
            Context.ActorSelection($"{Sender.Path.Address}/user/sessions").Tell(message, Self);

        private sealed record Beat;
    }
}
