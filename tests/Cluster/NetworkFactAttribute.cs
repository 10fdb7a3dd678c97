using GpuActors.LocalCluster.Emulation;

namespace GpuActors.Cluster.Tests;

/// <summary>A test that needs an emulated network; where there can be none it is skipped and says what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    /// <param name="program">A file that is there when the program is which the test runs.</param>
    public NetworkFactAttribute(string program = "/bin/sh") => Skip = EmulatedNetwork.Hindrance
        ?? (File.Exists(program) ? null : $"{program} is not there; .ci/programs installs it.");
}
