using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// A client's own stream: the session's commands come straight from the client. It sends groups 02 to 05; what
/// else comes ends the stream and nothing else. What it leaves stays until <see cref="Close"/>.
/// </summary>
/// <remarks>
/// The end has one witness, <see cref="WaitForEnd"/>, since the reader may be waiting for a kernel when the client goes:
/// a reader that ends by itself shuts the transport down, and the witness sees that as well.
/// </remarks>
internal sealed class ClientStream : CommandStream
{
    private const int LongestFarewell = 1000;

    private static readonly StreamFarewell Gone = new(0, "the client has closed its connection");
    private static readonly StreamFarewell NoPeer = new(0, "the client has gone before its stream began");

    private readonly ClientTransport _transport;
    private readonly Session _session;
    private readonly object _gate = new();
    private int _threads = 2; // its reader and its witness
    private volatile StreamFarewell? _farewell;

    /// <param name="transport">The client's; belongs to this stream from here on.</param>
    /// <param name="parts">The process's.</param>
    /// <param name="session">Untouched; belongs to this stream from here on.</param>
    public ClientStream(ClientTransport transport, ExecutorParts parts, Session session)
        : base(transport, parts)
    {
        _transport = transport;
        _session = session;
        session.MoveTo(Services);
        parts.Turns?.Follow(Tracker);
        parts.Printf.Attach(Outbox);
        Session = session;
    }

    /// <summary>Greets the client and serves it until its stream ends.</summary>
    public void Run()
    {
        _farewell = _transport.Begin() ? Greet() : NoPeer;
        _transport.ShutDown();
        Leave();
    }

    /// <summary>Waits until the client is gone or was sent away.</summary>
    public StreamEnded WaitForEnd()
    {
        _transport.WaitForEnd();
        _session.WillClose();
        StreamFarewell farewell = _farewell ?? Gone;
        string text = _transport.EndText ?? farewell.Text;
        text = text.Length <= LongestFarewell ? text : text[..LongestFarewell];
        var ended = new StreamEnded(farewell.Code, LastSequence, ReceivedBytes, Outbox.SentBytes, text);
        Leave();
        return ended;
    }

    /// <summary>
    /// Ends the stream if it has not ended, waits for its commands, wipes and releases all that it made. The worker's
    /// patience bounds the wait.
    /// </summary>
    /// <exception cref="CommandFailure">Something could not be wiped or freed: the process must not serve again.</exception>
    public void Close()
    {
        _transport.ShutDown();
        lock (_gate)
        {
            while (_threads > 0)
                Monitor.Wait(_gate);
        }
        _session.Close();
        Dispose();
    }

    public override void Dispose()
    {
        base.Dispose();
        _transport.Dispose();
    }

    protected override void Pause()
    {
        Parts.Turns?.NoteStream(ReceivedBytes, Outbox.SentBytes);
        base.Pause();
    }

    protected override DataSink? Execute(in Frame frame)
    {
        if (frame.Opcode == Opcode.ReportWaits)
        {
            Parts.Turns?.NoteWaits(CommandReader.Read<ReportWaits>(frame));
            Tracker.Complete(frame.Sequence);
            return null;
        }
        if (frame.Opcode.IsAwaited())
            Tracker.Owe(frame.Sequence);
        return base.Execute(frame);
    }

    private StreamFarewell Greet()
    {
        Outbox.Append(0, _session.Welcome());
        Outbox.Flush();
        return Serve();
    }

    private StreamFarewell Serve()
    {
        try
        {
            if (ServeFrames() is null)
                return Gone;
            SendRest();
            return new StreamFarewell(0, "the client said goodbye");
        }
        catch (ProtocolException exception)
        {
            Say(new Goodbye(OpenClErrors.Protocol, exception.Message));
            return new StreamFarewell(OpenClErrors.Protocol, exception.Message);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _threads--;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed record StreamFarewell(int Code, string Text);
}
