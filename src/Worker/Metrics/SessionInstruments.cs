using System.Diagnostics.Metrics;
using GpuActors.Worker.Sessions;

namespace GpuActors.Worker.Metrics;

/// <summary>A session gateway as instruments. Streams and bytes are told of sessions that are open.</summary>
internal static class SessionInstruments
{
    /// <summary>Adds the instruments of <paramref name="gateway"/>.</summary>
    public static void AddTo(Meter meter, SessionGateway gateway)
    {
        meter.CreateObservableCounter(
            "gpuactors.gateway.handshakes",
            () => Handshakes(gateway.ReadUse()),
            "{handshake}",
            "Connections to the session gateway by what became of them.");
        meter.CreateObservableGauge(
            "gpuactors.session.streams",
            () => Each(gateway, session => session.Streams),
            "{stream}",
            "Command streams that are open.");
        meter.CreateObservableGauge(
            "gpuactors.session.lost_streams",
            () => Each(gateway, session => session.Lost),
            "{stream}",
            "Command streams that have lost their connection, and wait for another.");
        meter.CreateObservableCounter(
            "gpuactors.session.resumed",
            () => Each(gateway, session => session.Resumed),
            "{connection}",
            "How often a command stream went on over another connection.");
        meter.CreateObservableCounter(
            "gpuactors.session.bytes_in",
            () => Each(gateway, session => session.Totals.BytesIn),
            "By",
            "Bytes received from the session's clients.");
        meter.CreateObservableCounter(
            "gpuactors.session.bytes_out",
            () => Each(gateway, session => session.Totals.BytesOut),
            "By",
            "Bytes sent to the session's clients.");
    }

    private static Measurement<long>[] Handshakes(GatewayUse use) =>
    [
        new(use.Accepted, new KeyValuePair<string, object?>("result", "accepted")),
        new(use.Refused, new KeyValuePair<string, object?>("result", "refused")),
    ];

    private static Measurement<long>[] Each(SessionGateway gateway, Func<SessionUse, long> value) =>
    [
        .. gateway.ReadUse().Sessions.Select(session => new Measurement<long>(
            value(session),
            new KeyValuePair<string, object?>("session", session.Session),
            new KeyValuePair<string, object?>("tenant", session.Tenant))),
    ];
}
