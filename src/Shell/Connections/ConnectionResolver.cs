using GpuActors.Client;

namespace GpuActors.Shell.Connections;

/// <summary>Where the cluster is and what ticket to show: from options, the environment, or the nearest file.</summary>
internal static class ConnectionResolver
{
    public const string ServerVariable = "GPUACTORS_SERVER";

    public const string TicketVariable = "GPUACTORS_TICKET";

    /// <summary>About five seconds of trying: a scheduler's restart, but not the patience of who waits.</summary>
    private const int Attempts = 7;

    /// <exception cref="UsageException">There is no address or ticket, or it is wrong.</exception>
    public static GpuActorsClientOptions Resolve(
        ShellEnvironment environment, IReadOnlyList<string> servers, string? ticket, string? tenant)
    {
        var named = servers.Count > 0 ? servers : Split(environment.Variable(ServerVariable));
        string? shown = ticket ?? NullIfEmpty(environment.Variable(TicketVariable));
        var file = named.Count == 0 || shown is null
            ? ConnectionFile.Find(environment.WorkingFolder, environment.HomeFolder)
            : null;
        if (named.Count == 0)
        {
            named = file?.Servers ?? [];
        }

        if (named.Count == 0)
        {
            throw new UsageException(
                $"There is no address of a scheduler. Give --server http://HOST:PORT, set {ServerVariable}, or start a " +
                "cluster here with './run --keep', which writes .gpuactors/connection.json.");
        }

        return new GpuActorsClientOptions
        {
            Servers = [.. named.Select(AddressOf)],
            Ticket = shown ?? file?.Ticket ?? throw new UsageException(
                $"There is no ticket. Give --ticket, set {TicketVariable}, or make one with " +
                "'pbm ticket create --tenant NAME' where the cluster's secret is."),
            Tenant = tenant,
            Attempts = Attempts,
            Time = environment.Time,
        };
    }

    private static Uri AddressOf(string text)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(full, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Host.Length: > 0 }
            ? address
            : throw new UsageException($"\"{text}\" is not the address of a scheduler; those look like http://gpu-head:4780.");
    }

    private static string[] Split(string? text) =>
        (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
