using System.Net;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary><c>gpuactors.worker.sessions</c>: where clients of interactive sessions connect to a worker.</summary>
public sealed record SessionGatewaySettings
{
    /// <summary>Whether the worker runs interactive sessions at all.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Address to listen on.</summary>
    public required string Host { get; init; }

    /// <summary>Port to listen on; 0 picks a free one.</summary>
    public required int Port { get; init; }

    /// <summary><c>HOST</c> or <c>HOST:PORT</c> by which clients reach it; null: where it listens.</summary>
    public string? Advertised { get; init; }

    /// <summary>Connections over the network are encrypted.</summary>
    public required bool Tls { get; init; }

    /// <summary>PEM file of the authorities whose certificates clients have to show over the network; null: they need none.</summary>
    public string? ClientAuthorities { get; init; }

    /// <summary>Command streams of one session at one time; each has an executor.</summary>
    public required int MaxStreams { get; init; }

    /// <summary>How long a stream over the network is kept when its connection is lost; zero: it ends with it.</summary>
    public TimeSpan ResumeTime { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">A setting is wrong.</exception>
    internal static SessionGatewaySettings From(SettingsReader section)
    {
        string host = section.Required("host");
        string? authorities = section.Optional("client-ca");
        return new SessionGatewaySettings
        {
            Enabled = section.Flag("enabled"),
            Host = host,
            Port = section.Port("port"),
            Advertised = AdvertisedOf(section),
            Tls = section.Choice("tls", "auto", "on", "off") switch
            {
                "on" => true,
                "off" when authorities is not null => throw section.Wrong("tls", "on, or auto, since client-ca is set,"),
                "off" => false,
                _ => authorities is not null || !IsLoopback(host),
            },
            ClientAuthorities = authorities,
            MaxStreams = section.Number("max-streams", 1, 10_000),
            ResumeTime = section.Time("resume-time", TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        };
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string? AdvertisedOf(SettingsReader section)
    {
        const string path = "advertised";
        if (section.Optional(path) is not { } advertised)
        {
            return null;
        }

        int colon = advertised.LastIndexOf(':');
        bool right = colon < 0 || advertised.EndsWith(']')
            || (colon > 0 && ushort.TryParse(advertised.AsSpan(colon + 1), out ushort port) && port > 0);
        return right ? advertised : throw section.Wrong(path, "an address such as \"gpu-a\" or \"gpu-a:4795\"");
    }
}
