using GpuActors.Shared.Security;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.security</c>.</summary>
/// <param name="Secret">The cluster's secret.</param>
public sealed record SecuritySettings(ClusterSecret Secret)
{
    /// <summary>Reads the section and the file that it names.</summary>
    /// <exception cref="ConfigException">There is no secret, or it is not good enough.</exception>
    public static SecuritySettings From(Config config)
    {
        const string path = "gpuactors.security.cluster-secret";
        try
        {
            return new SecuritySettings(
                config.GetString(path + "-file", null) is { Length: > 0 } file ? ClusterSecret.FromFile(file)
                : config.GetString(path, null) is { Length: > 0 } text ? ClusterSecret.FromText(text, $"{path} ({config.GetOrigin(path)})")
                : throw new ConfigException(
                    $"{path} is not set: set the environment variable GPUACTORS_CLUSTER_SECRET or {path}-file. " +
                    "All processes of a cluster need the same one; make one with 'openssl rand -base64 32'."));
        }
        catch (SecretException e)
        {
            throw new ConfigException(e.Message, config.GetOrigin(path + "-file"), e);
        }
    }
}
