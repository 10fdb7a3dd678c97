using System.IO.Pipelines;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>One end of a connection: the stream that leaves it and the stream that arrives.</summary>
internal sealed class SimulatedConnection : INetworkConnection
{
    private readonly SimulatedNetwork _network;
    private readonly SimulatedStream _incoming;
    private readonly SimulatedStream _outgoing;
    private readonly SimulatedOutput _output;
    private SimulatedConnection _peer = null!;
    private bool _isClosed;

    private SimulatedConnection(
        SimulatedNetwork network,
        SimulatedProcess owner,
        string remoteAddress,
        SimulatedStream outgoing,
        SimulatedStream incoming)
    {
        _network = network;
        Owner = owner;
        RemoteAddress = remoteAddress;
        _outgoing = outgoing;
        _incoming = incoming;
        _output = new SimulatedOutput(outgoing);
        incoming.Receiver = this;
    }

    public SimulatedProcess Owner { get; }

    public string RemoteAddress { get; }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _output;

    /// <summary>Both ends of a new connection.</summary>
    public static (SimulatedConnection Near, SimulatedConnection Far) Pair(
        SimulatedNetwork network,
        SimulatedProcess dialler,
        string dialled,
        NetworkLink there,
        SimulatedProcess listener,
        string caller,
        NetworkLink back)
    {
        var outward = new SimulatedStream(network, there, listener);
        var homeward = new SimulatedStream(network, back, dialler);
        var near = new SimulatedConnection(network, dialler, dialled, outward, homeward);
        var far = new SimulatedConnection(network, listener, caller, homeward, outward);
        (near._peer, far._peer) = (far, near);
        return (near, far);
    }

    public bool IsBetween(string host, string other) =>
        (Owner.Host == host && _peer.Owner.Host == other) || (Owner.Host == other && _peer.Owner.Host == host);

    public ValueTask DisposeAsync()
    {
        if (!_isClosed)
        {
            Close();
            _outgoing.SendReset();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>This end is gone without having been asked; the other hears of it.</summary>
    public void ResetPeer() => _outgoing.SendReset();

    /// <summary>Both ends break now.</summary>
    public void Break()
    {
        Close();
        _peer.Close();
    }

    /// <summary>The connection is over for this end.</summary>
    public void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _network.Closed(this);
            _incoming.Abort();
            _outgoing.ReleaseSender();
            _output.Close();
        }
    }
}
