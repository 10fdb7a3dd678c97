using GpuActors.Shared.Commands;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Device memory of one session, to the byte. What a client released counts until the driver has really freed it
/// (a running kernel may still use it); an allocation that only that stands against waits for it.
/// </summary>
/// <remarks>Where other executors serve the same session, a ledger that they share says what is left of its slice.</remarks>
internal sealed class MemoryAccount(
    ulong limitBytes, ulong maxAllocationBytes, TurnGate? turns = null, MemoryLedger? ledger = null, int entry = 0)
{
    private const int LooksWhenIdle = 250;

    /// <summary>For 5 s: so long wiping and freeing takes at most where nothing is wrong.</summary>
    private const int LooksWhenOthersClose = 2500;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(2);

    private readonly object _gate = new();
    private ulong _usedBytes;
    private ulong _releasingBytes;

    public ulong LimitBytes { get; } = limitBytes;

    public ulong PeakBytes { get; private set; }

    public ulong UsedBytes
    {
        get
        {
            lock (_gate)
                return _usedBytes;
        }
    }

    /// <summary>Books <paramref name="bytes"/> or throws the failure that the standard names for it.</summary>
    /// <param name="bytes">Size of the new object.</param>
    /// <param name="id">Its id, for the error.</param>
    /// <param name="mayWait">
    /// Whether commands run whose end may free what was released. Asked outside of the lock, because drivers free
    /// memory under locks of their own.
    /// </param>
    public void Take(ulong bytes, ulong id, Func<bool> mayWait)
    {
        if (bytes > maxAllocationBytes)
        {
            throw new CommandFailure(
                OpenClErrors.InvalidBufferSize,
                $"{bytes} bytes are over the slice's largest allocation of {maxAllocationBytes} bytes", id);
        }
        // Once no command runs any more, drivers still take a moment to free what commands used. A program that begins
        // when another has ended may find that one's memory not free yet.
        int most = ledger?.ClosingBytes() > 0 ? LooksWhenOthersClose : LooksWhenIdle;
        for (int looksLeft = most; !TryTake(bytes); looksLeft = mayWait() ? most : looksLeft - 1)
        {
            if (!WouldFitOnceReleased(bytes) || looksLeft == 0)
                throw Full(bytes, id);
            lock (_gate)
                Monitor.Wait(_gate, LookAgain);
        }
    }

    private bool TryTake(ulong bytes)
    {
        lock (_gate)
        {
            if (bytes > LimitBytes - _usedBytes || ledger?.TryTake(entry, (long)bytes, (long)LimitBytes) == false)
                return false;
            _usedBytes += bytes;
            PeakBytes = Math.Max(PeakBytes, _usedBytes);
            Note();
            return true;
        }
    }

    private bool WouldFitOnceReleased(ulong bytes)
    {
        lock (_gate)
            return bytes <= LimitBytes - (UsedByAll - Math.Min(UsedByAll, _releasingBytes + (ulong)(ledger?.ClosingBytes() ?? 0)));
    }

    /// <summary>The client released an object that the driver may still hold.</summary>
    public void Releasing(ulong bytes)
    {
        lock (_gate)
            _releasingBytes += bytes;
    }

    /// <summary>The driver has freed an object that the client had released.</summary>
    public void Freed(ulong bytes)
    {
        lock (_gate)
        {
            _releasingBytes -= bytes;
            _usedBytes -= bytes;
            ledger?.GiveBack(entry, (long)bytes);
            Note();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives back what was booked for an object that did not come to be, or was freed without being released.</summary>
    public void Undo(ulong bytes)
    {
        lock (_gate)
        {
            _usedBytes -= bytes;
            ledger?.GiveBack(entry, (long)bytes);
            Note();
        }
    }

    private void Note() => turns?.NoteMemory((long)_usedBytes, (long)PeakBytes);

    /// <summary>Waits until everything is freed. False when that has not happened within the time.</summary>
    public bool WaitUntilEmpty(TimeSpan patience)
    {
        lock (_gate)
        {
            while (_usedBytes > 0)
            {
                if (!Monitor.Wait(_gate, patience))
                    return _usedBytes == 0;
            }
            return true;
        }
    }

    /// <summary>What the whole session has allocated. The others' part may change at any time.</summary>
    private ulong UsedByAll => Math.Min(LimitBytes, ledger is null ? _usedBytes : Math.Max(_usedBytes, (ulong)ledger.UsedBytes()));

    /// <summary>Nothing more is booked; what is will be given back.</summary>
    public void Close() => ledger?.Close(entry);

    /// <summary>Nothing is booked any more: the ledger is let go of.</summary>
    public void Leave() => ledger?.Dispose();

    private CommandFailure Full(ulong bytes, ulong id) => new(
        OpenClErrors.MemObjectAllocationFailure,
        $"{bytes} bytes do not fit: the session uses {UsedByAll} of its slice's {LimitBytes} bytes of memory", id);
}
