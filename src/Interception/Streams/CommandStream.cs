using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>
/// One slice's command stream, from the client's side. Any thread sends; commands that nobody waits for gather in a
/// buffer. A thread that must wait writes the buffer and then reads the socket itself until its reply is there, so a
/// blocking call costs one write and one read on the thread that made it. Of several waiting threads one reads for
/// all. While none waits, the background thread reads and flushes.
/// </summary>
internal sealed unsafe partial class CommandStream
{
    private readonly Transport _transport;
    private readonly Lock _gate = new(); // order of commands: buffer, numbers, window, pending replies
    private readonly Dictionary<ulong, Reply> _pending = [];
    private readonly Background _background;
    private readonly Lock _threads = new();
    private WorkThread? _relay;
    private WorkThread? _mover;
    private ClFailure? _lost;
    private static long _lastId;

    /// <summary>Takes over a connection whose handshake is done; waits for the executor's welcome.</summary>
    /// <exception cref="IOException">The connection ended, or said something else.</exception>
    public CommandStream(Transport transport)
    {
        _transport = transport;
        Welcome = ReceiveWelcome();
        _maxCommands = Welcome.WindowCommands;
        _maxBytes = Welcome.WindowBytes;
        _background = new Background(this);
    }

    /// <summary>The session and its devices.</summary>
    public Welcome Welcome { get; }

    /// <summary>Whether the connection is gone: everything fails from then on.</summary>
    public bool IsLost => Volatile.Read(ref _lost) is not null;

    /// <summary>
    /// What went wrong when nobody was waiting to hear of it: a command failed, or the connection is lost. Called on the
    /// thread that reads the socket.
    /// </summary>
    public event Action<string>? Failed;

    /// <summary>
    /// Runs what other streams' ends of commands make due on this one: short sends, which wait for nothing but room.
    /// </summary>
    public WorkThread Relay
    {
        get
        {
            lock (_threads)
                return _relay ??= new WorkThread("gpuactors-relay");
        }
    }

    /// <summary>Runs moves of memory to this stream, one after the other.</summary>
    public WorkThread Mover
    {
        get
        {
            lock (_threads)
                return _mover ??= new WorkThread("gpuactors-mover");
        }
    }

    /// <summary>
    /// An id for a new object or event. All streams count together, so that an object of a context of several slices
    /// has the same id on each.
    /// </summary>
    public ulong NextId() => (ulong)Interlocked.Increment(ref _lastId);

    /// <summary>Everything that waits or is sent from now on fails.</summary>
    private void Lose(string why)
    {
        Reply[] orphans;
        lock (_gate)
        {
            if (_lost is not null)
                return;
            _lost = new ClFailure(OpenClErrors.OutOfResources, why);
            orphans = [.. _pending.Values];
            _pending.Clear();
        }
        Diagnostics.Say($"the session {Welcome.Session} is lost: {why}. OpenCL calls fail from now on.");
        _transport.Shutdown();
        foreach (Reply orphan in orphans)
            EndReply(orphan, () => orphan.Fail(OpenClErrors.OutOfResources, why));
        Failed?.Invoke($"the session is lost: {why}");
        WakeFollowers();
        ForgetBridges();
        _background.Wake();
    }

    private void ThrowIfLost()
    {
        if (_lost is { } lost)
            throw new ClFailure(lost.Code, lost.Message);
    }
}
