namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>The way from one host to another: one direction, with what is wrong on it.</summary>
public sealed class NetworkLink
{
    private readonly List<SimulatedStream> _stalled = [];
    private bool _isCut;

    internal NetworkLink(NetworkHost from, NetworkHost to)
    {
        From = from;
        To = to;
    }

    /// <summary>The shortest time that anything takes.</summary>
    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The longest time that anything takes; each packet's is drawn between the two.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How likely a packet is lost. Its stream stands still until it has been sent again.</summary>
    public double LossChance { get; set; }

    /// <summary>How likely it is that a dial fails that would have succeeded.</summary>
    public double DialFailureChance { get; set; }

    /// <summary>Nothing gets through, as in a partition; what was sent waits.</summary>
    public bool IsCut
    {
        get => _isCut;
        set
        {
            _isCut = value;
            GoOnIfOpen();
        }
    }

    internal NetworkHost From { get; }

    internal NetworkHost To { get; }

    internal bool IsBlocked => IsCut || From.IsDown || To.IsDown;

    internal void Stall(SimulatedStream stream) => _stalled.Add(stream);

    internal void GoOnIfOpen()
    {
        if (IsBlocked)
        {
            return;
        }

        var stalled = _stalled.ToArray();
        _stalled.Clear();
        foreach (var stream in stalled)
        {
            stream.Retransmit();
        }
    }

    internal void Heal()
    {
        DelayMin = TimeSpan.FromMicroseconds(100);
        DelayMax = TimeSpan.FromMilliseconds(2);
        (LossChance, DialFailureChance) = (0, 0);
        IsCut = false;
    }
}

/// <summary>A host on the network.</summary>
internal sealed class NetworkHost(string name)
{
    public string Name => name;

    /// <summary>It has no power: nothing comes from it, and nothing arrives.</summary>
    public bool IsDown { get; set; }

    /// <summary>Connections of processes that died with the host; reset when it is up again.</summary>
    public List<SimulatedConnection> Forgotten { get; } = [];
}
