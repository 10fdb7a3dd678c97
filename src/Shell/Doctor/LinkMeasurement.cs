using System.Globalization;
using System.Net.Sockets;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;

namespace GpuActors.Shell.Doctor;

/// <summary>
/// Round trips and transfers as programs have them: over a stream of a small session on each worker, through its gateway to
/// an executor. A worker that has no slice free now is left out.
/// </summary>
internal sealed class LinkMeasurement(GpuActorsClient client, TimeProvider time)
{
    private const int RoundTrips = 300;
    private const int WarmUps = 50;
    private const int TransferBytes = 32 << 20;
    private const int Transfers = 5;
    private const long SliceBytes = 128 << 20;
    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Buffer = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Measures one worker.</summary>
    public async Task<IReadOnlyList<HostCheck>> RunAsync(HostStatus host, CancellationToken cancellationToken)
    {
        var request = RequestOf(host.Name);
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await client.Sessions.RequestAsync(request, either.Token);
            try
            {
                return await WaitForAsync(request.Id, either.Token) is { } grant
                    ? await MeasureAsync(host.Name, grant, either.Token)
                    : [HostCheck.Skipped($"stream {host.Name}", $"No slice of {host.Name} was free within {Patience.TotalSeconds:0} s.")];
            }
            finally
            {
                await client.Sessions.EndAsync(request.Id, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is GpuActorsException or IOException or SocketException or CommandException or ProtocolException
            or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = e is OperationCanceledException ? $"it was not over within {Limit.TotalMinutes:0} min" : e.Message;
            return [HostCheck.Failure(
                $"stream {host.Name}", why, "a session that can be used", $"On {host.Name}: pbm doctor --worker.")];
        }
    }

    /// <summary>What a transfer's speed means for programs.</summary>
    internal static HostCheck Bandwidth(string host, double write, double read)
    {
        var name = $"bandwidth {host}";
        var found = string.Create(CultureInfo.InvariantCulture, $"{write / 1e9:0.0} Gbit/s to the device, {read / 1e9:0.0} Gbit/s from it");
        var least = Math.Min(write, read);
        return least >= LinkNeeds.GoodBitsPerSecond ? HostCheck.Ok(name, found + ": good")
            : least >= LinkNeeds.FineBitsPerSecond ? HostCheck.Ok(name, found + ": fine for programs that compute more than they move")
            : HostCheck.Warning(
                name, found,
                string.Create(CultureInfo.InvariantCulture, $"{LinkNeeds.FineBitsPerSecond / 1e9:0} Gbit/s or more; {LinkNeeds.GoodBitsPerSecond / 1e9:0} Gbit/s is good"),
                "Use a faster network to that host, or programs that leave their data on the device.");
    }

    private static JobDocument RequestOf(string host) => new()
    {
        Id = SessionsClient.NewId(),
        Gpu = new GpuRequest { MemoryBytes = SliceBytes },
        Placement = new JobPlacement([new JobPlacementTerm(PlacementTermKind.Host, $"name={host}")], []),
        Steps = [],
        Interactive = InteractiveTerms.Default,
        TimeLimit = Limit,
    };

    /// <summary>Null: no slice was free.</summary>
    private async Task<SessionGrant?> WaitForAsync(string id, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return (await client.Sessions.WaitUntilRunningAsync(id, null, either.Token)).Grant;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<HostCheck>> MeasureAsync(string host, SessionGrant grant, CancellationToken cancellationToken)
    {
        var device = grant.Devices[0];
        var colon = device.Address.LastIndexOf(':');
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(
            device.Address[..colon].Trim('[', ']'), int.Parse(device.Address.AsSpan(colon + 1), CultureInfo.InvariantCulture),
            cancellationToken);
        var agreed = await GatewayHandshake.ConnectAsync(
            new NetworkStream(socket, ownsSocket: true), SessionKey.Of(device.Ticket ?? grant.Ticket), ConnectionKind.Main,
            new Guid(GatewayHandshake.NewNonce().AsSpan(0, 16)),
            GatewayTls.Of(device.Fingerprint, ClientCertificate.OfEnvironment()), cancellationToken);
        await using var stream = new CommandConnection(agreed, new Silent(), time);
        var roundTrip = await RoundTripAsync(stream, cancellationToken);
        var (write, read) = await TransferAsync(stream, cancellationToken);
        var tls = device.Fingerprint is null ? "" : ", inside TLS";
        return
        [
            GatewayChecks.Latency(host, roundTrip, $"for a question to an executor and its answer{tls}"),
            Bandwidth(host, write, read),
        ];
    }

    /// <summary>The median.</summary>
    private async Task<TimeSpan> RoundTripAsync(CommandConnection stream, CancellationToken cancellationToken)
    {
        var times = new List<TimeSpan>();
        for (var i = -WarmUps; i < RoundTrips; i++)
        {
            var began = time.GetTimestamp();
            await stream.RequestAsync(new Query(QueryKind.Session, 0), cancellationToken);
            if (i >= 0)
            {
                times.Add(time.GetElapsedTime(began));
            }
        }

        return times.Order().ElementAt(RoundTrips / 2);
    }

    /// <summary>Bits per second, the medians; what comes back must be what was sent.</summary>
    private async Task<(double Write, double Read)> TransferAsync(CommandConnection stream, CancellationToken cancellationToken)
    {
        var device = stream.Welcome.Devices[0].Id;
        await stream.SendAsync(new CreateContext(Context, new IdList(device)), cancellationToken);
        await stream.SendAsync(new CreateQueue(Queue, Context, device), cancellationToken);
        await stream.SendAsync(new CreateBuffer(Buffer, Context, TransferBytes), cancellationToken);
        var (sent, back) = (new byte[TransferBytes], new byte[TransferBytes]);
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i] = (byte)((i * 31) + (i >> 12));
        }

        var (writes, reads) = (new List<double>(), new List<double>());
        for (var i = 0; i < Transfers; i++)
        {
            var began = time.GetTimestamp();
            await stream.SendAsync(new WriteBuffer(Queue, Buffer, 0, TransferBytes), sent, cancellationToken);
            await stream.RequestAsync(new Finish(Queue), cancellationToken);
            writes.Add(8.0 * TransferBytes / time.GetElapsedTime(began).TotalSeconds);
            began = time.GetTimestamp();
            await stream.ReadAsync(new ReadBuffer(Queue, Buffer, 0, TransferBytes), back, cancellationToken);
            reads.Add(8.0 * TransferBytes / time.GetElapsedTime(began).TotalSeconds);
        }

        return sent.AsSpan().SequenceEqual(back)
            ? (writes.Order().ElementAt(Transfers / 2), reads.Order().ElementAt(Transfers / 2))
            : throw new IOException("What was read from the device is not what was written.");
    }

    private sealed class Silent : ICommandObserver;
}
