using System.Security.Cryptography.X509Certificates;
using GpuActors.Actors;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using Microsoft.Extensions.Logging;

namespace GpuActors.Node;

/// <summary>The actor system of a node process, made from its settings.</summary>
public static class NodeActors
{
    /// <summary>The name of the actor system of every scheduler.</summary>
    public const string SchedulerSystem = "scheduler";

    /// <summary>The name of the actor system of every worker.</summary>
    public const string WorkerSystem = "worker";

    private const string RemotingKeyLabel = "gpuactors remoting";

    /// <summary>A system that knows the messages between scheduler and worker; remoting is not started yet.</summary>
    public static ActorSystem Create(string name, ActorSettings settings, ILoggerFactory logs) =>
        Create(name, settings, logs, new ProductionRuntime(new TcpNetwork()));

    /// <summary>The same on a runtime of the caller's choice.</summary>
    public static ActorSystem Create(string name, ActorSettings settings, ILoggerFactory logs, IActorRuntime runtime)
    {
        var system = ActorSystem.Create(name, new ActorSystemSetup
        {
            Runtime = runtime,
            LoggerFactory = logs,
            Settings = new ActorSystemSettings
            {
                Throughput = settings.Throughput,
                AskTimeout = settings.AskTimeout,
                StashCapacity = settings.StashCapacity,
                LogDeadLetters = settings.LogDeadLetters,
                RunCoordinatedShutdownOnTerminate = true,
            },
        });
        foreach (var (manifest, type) in MessageManifests.All)
        {
            system.Serialization.Register(manifest, type);
        }

        return system;
    }

    /// <summary>What remoting is started with.</summary>
    public static RemoteSettings Remoting(RemotingSettings settings, ClusterSecret secret) => new()
    {
        HostName = settings.Host,
        Port = settings.Port,
        PublicHostName = settings.PublicHost,
        PublicPort = settings.PublicPort,
        Secret = secret.DeriveText(RemotingKeyLabel),
        Tls = settings.Tls is { } files ? Tls(files) : null,
        MaxFrameBytes = settings.MaxFrameBytes,
        SendQueueMessages = settings.SendQueueMessages,
        SendQueueBytes = settings.SendQueueBytes,
        HeartbeatInterval = settings.HeartbeatInterval,
        AcceptablePause = settings.AcceptablePause,
        UnreachableTimeout = settings.UnreachableTimeout,
        ConnectTimeout = settings.ConnectTimeout,
        HandshakeTimeout = settings.HandshakeTimeout,
        MaxPendingHandshakes = settings.MaxPendingHandshakes,
        MaxPendingHandshakesPerHost = settings.MaxPendingHandshakesPerHost,
        MaxAssociations = settings.MaxPeers,
        ReconnectDelayMin = settings.ReconnectDelayMin,
        ReconnectDelayMax = settings.ReconnectDelayMax,
    };

    private static TlsSettings Tls(TlsFiles files)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(files.Authority);
        return new TlsSettings
        {
            Certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key),
            TrustedCertificates = trusted,
        };
    }
}
