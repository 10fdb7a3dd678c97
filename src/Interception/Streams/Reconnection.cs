using System.Diagnostics;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;

namespace GpuActors.Interception.Streams;

/// <summary>
/// Makes another connection for a stream that has lost its own, for as long as its executor keeps it; says so on standard
/// error when it takes long.
/// </summary>
/// <param name="name">What the session is called.</param>
/// <param name="keep">How long the executor waits.</param>
/// <param name="dial">Connects, up to the end of the gateway's handshake.</param>
internal sealed class Reconnection(string name, TimeSpan keep, Func<TransportLink> dial) : ILinkSource
{
    private const int FirstPauseMilliseconds = 20;
    private const int LongestPauseMilliseconds = 1000;
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(2);

    private uint _connection = 1; // the first was made already
    private bool _hasSaid;

    /// <summary>Hears of each connection that is made.</summary>
    public Action<TransportLink>? Connected { get; set; }

    /// <summary>Why there was no other; null: there was none to be made.</summary>
    public string? Failure { get; private set; }

    public StreamLink? Connect(Opening own, out Opening peer)
    {
        peer = default;
        if (keep <= TimeSpan.Zero)
            return null;
        long lostAt = Stopwatch.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                TransportLink link = dial();
                if ((own with { Connection = ++_connection }).TrySend(link) && Opening.TryReceive(link, out peer))
                    return GoOn(link, lostAt);
                link.ShutDown();
                link.Retire();
                Failure = "the connection was lost again";
            }
            catch (GatewayRefusedException exception)
            {
                Failure = exception.Message; // the worker's last word
                return null;
            }
            catch (IOException exception)
            {
                Failure = exception.Message;
            }
            TimeSpan gone = Stopwatch.GetElapsedTime(lostAt);
            if (gone > keep)
                return GiveUp();
            SayOnce(gone);
            Thread.Sleep(Pause(tries));
        }
    }

    private TransportLink GoOn(TransportLink link, long lostAt)
    {
        link.WaitForEver();
        Connected?.Invoke(link);
        Failure = null;
        if (_hasSaid)
            Diagnostics.Say($"the session {name} has a connection again, after {Stopwatch.GetElapsedTime(lostAt).TotalSeconds:0} s, and goes on.");
        _hasSaid = false;
        return link;
    }

    private StreamLink? GiveUp()
    {
        Failure = $"its connection was lost and could not be made again within {keep.TotalSeconds:0} s: {Failure}";
        return null;
    }

    private void SayOnce(TimeSpan gone)
    {
        if (_hasSaid || gone < LongTime)
            return;
        _hasSaid = true;
        Diagnostics.Say($"the session {name} has lost its connection ({Failure}). Trying to connect again, for {keep.TotalSeconds:0} s.");
    }

    /// <summary>Twice as long each time, and of that a random part: many programs lose their connections at once.</summary>
    private static int Pause(int tries)
    {
        int most = Math.Min(FirstPauseMilliseconds << Math.Min(tries, 10), LongestPauseMilliseconds);
        return Random.Shared.Next(most / 2, most + 1);
    }
}
