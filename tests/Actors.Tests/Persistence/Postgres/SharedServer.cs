using GpuActors.LocalCluster;

namespace GpuActors.Actors.Tests.Persistence.Postgres;

/// <summary>The one server of all tests that don't kill it.</summary>
internal static class SharedServer
{
    private static readonly Lazy<PostgresServer> Server = new(() => new PostgresServer());

    public static PostgresServer Instance => Server.Value;
}
