namespace GpuActors.LocalCluster;

/// <summary>Where a process of a local cluster runs.</summary>
/// <param name="Address">The address that it listens on and that others reach it by.</param>
/// <param name="Launcher">
/// A program with its arguments that becomes the process, such as <c>nsenter --net=FILE</c>; empty for none.
/// </param>
public sealed record ProcessPlace(string Address, IReadOnlyList<string> Launcher)
{
    /// <summary>This machine's loopback.</summary>
    public static readonly ProcessPlace Loopback = new("127.0.0.1", []);
}
