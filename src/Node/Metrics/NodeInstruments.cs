using System.Diagnostics.Metrics;

namespace GpuActors.Node.Metrics;

/// <summary>What is known of every node.</summary>
public static class NodeInstruments
{
    /// <summary>Adds a metric that is always 1 and says which program runs under which name.</summary>
    /// <param name="meter">The node's meter.</param>
    /// <param name="role"><c>scheduler</c> or <c>worker</c>.</param>
    /// <param name="name">The node's name.</param>
    public static void AddTo(Meter meter, string role, string name)
    {
        KeyValuePair<string, object?>[] tags =
            [new("role", role), new("name", name), new("version", NodeProcess.Version)];
        meter.CreateObservableGauge(
            "gpuactors.node.info", () => new Measurement<int>(1, tags), null, "The node: its role, name and version.");
    }
}
