using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text.Json;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Connections;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Doctor;

/// <summary>Whether the schedulers answer, take the ticket, and have the same time.</summary>
internal sealed class SchedulerChecks(TimeProvider time)
{
    /// <summary>The check that a scheduler answers.</summary>
    public const string Name = "scheduler";

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SoonOver = TimeSpan.FromHours(1);

    /// <summary>Tickets are made for now, and a clock that is further ahead makes them void when they are used.</summary>
    private static readonly TimeSpan TicketTolerance = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodClock = TimeSpan.FromSeconds(2);

    /// <summary>Asks each scheduler for its status.</summary>
    /// <param name="options">Addresses and the ticket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<HostCheck>> RunAsync(GpuActorsClientOptions options, CancellationToken cancellationToken)
    {
        var checks = new List<HostCheck> { Ticket(options.Ticket, time.GetUtcNow()) };
        foreach (var server in options.Servers)
        {
            checks.AddRange(await AskAsync(options with
            {
                Servers = [server], Attempts = 1, RequestTimeout = RequestTime,
            }, cancellationToken));
        }

        return checks;
    }

    /// <summary>What the ticket says of itself. Whether it is genuine only the scheduler knows.</summary>
    internal static HostCheck Ticket(string? ticket, DateTimeOffset now)
    {
        const string name = "ticket";
        const string advice = "Make one where the cluster's secret is: pbm ticket create --tenant NAME.";
        if (Read(ticket) is not var (role, tenant, expires))
        {
            return HostCheck.Failure(name, "This is not a ticket.", "gat1.PAYLOAD.SIGNATURE", advice);
        }

        var left = expires - now;
        var found = $"{role} of {tenant}, until {Words.Time(expires)}";
        return left <= TimeSpan.Zero ? HostCheck.Failure(name, $"{found}: it has expired", "a ticket that is valid", advice)
            : left < SoonOver ? HostCheck.Warning(name, $"{found}: {Words.Span(left)} left", "an hour or more", advice)
            : HostCheck.Ok(name, found);
    }

    /// <summary>The difference between this clock and the scheduler's.</summary>
    /// <param name="difference">This clock's time less the scheduler's.</param>
    /// <param name="uncertainty">How far off that may be: half of how long the answer took.</param>
    internal static HostCheck Clock(TimeSpan difference, TimeSpan uncertainty)
    {
        const string name = "clock";
        const string advice = "Let both keep time: as root apt-get install -y chrony, or timedatectl set-ntp true.";
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Abs(difference.TotalSeconds):0.###} s {(difference < TimeSpan.Zero ? "behind" : "ahead of")} the scheduler's, to {uncertainty.TotalSeconds:0.###} s");
        var off = difference.Duration() - uncertainty;
        return off > TicketTolerance
            ? HostCheck.Failure(name, found, $"{TicketTolerance.TotalSeconds:0} s or less: tickets are refused beyond", advice)
            : off > GoodClock
            ? HostCheck.Warning(name, found, $"{GoodClock.TotalSeconds:0} s or less", advice)
            : HostCheck.Ok(name, found);
    }

    private async Task<IReadOnlyList<HostCheck>> AskAsync(GpuActorsClientOptions options, CancellationToken cancellationToken)
    {
        var server = options.Servers[0];
        try
        {
            using var client = new GpuActorsClient(options);
            _ = await client.Cluster.GetStatusAsync(cancellationToken); // the second answer takes no connecting
            var began = time.GetTimestamp();
            var status = await client.Cluster.GetStatusAsync(cancellationToken);
            var took = time.GetElapsedTime(began);
            var found = string.Create(
                CultureInfo.InvariantCulture, $"{server} answers in {took.TotalMilliseconds:0.0} ms, version {status.Version}");
            return [HostCheck.Ok(Name, found), Clock(time.GetUtcNow() - (took / 2) - status.Now, took / 2)];
        }
        catch (ApiException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return [HostCheck.Failure(
                Name, $"{server} refuses the ticket: {e.Message}", "the ticket of this cluster",
                "Make one with this cluster's secret: pbm ticket create --tenant NAME. If it is expired or not yet valid, see the clock.")];
        }
        catch (GpuActorsException e)
        {
            return [HostCheck.Failure(
                Name, $"{server}: {e.Message}", "it answers",
                "Check the address (--server, GPUACTORS_SERVER, .gpuactors/connection.json), that the scheduler runs, and that its api.host can be reached from here.")];
        }
    }

    private static (string Role, string Tenant, DateTimeOffset Expires)? Read(string? ticket)
    {
        if (ticket?.Split('.') is not ["gat1", var payload, _])
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var root = document.RootElement;
            return (
                root.GetProperty("rol").GetString() ?? "?", root.GetProperty("tnt").GetString() ?? "?",
                DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("exp").GetInt64()));
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException
            or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
