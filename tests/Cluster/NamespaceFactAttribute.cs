namespace GpuActors.Cluster.Tests;

/// <summary>A test that needs network namespaces; where there can be none it is skipped and says what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute() => Skip = NetworkNamespaces.Hindrance;
}
