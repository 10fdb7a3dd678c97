using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// An interactive session as its pool knows it, while its executors come and go: what those have used that have left,
/// and the ledger of the memory of those that are there. Guarded by the pool's lock.
/// </summary>
internal sealed class KeptSession(string path, SliceUsage former) : IDisposable
{
    private readonly MemoryLedger _ledger = MemoryLedger.Create(path);
    private readonly HashSet<int> _entries = [];
    private bool _isDisposed;

    /// <summary>What executors have used that serve it no more.</summary>
    public SliceUsage Former { get; set; } = former;

    /// <summary>The ledger's file.</summary>
    public string Path => path;

    /// <summary>An entry for one more executor.</summary>
    /// <exception cref="ExecutorUnavailableException">All are in use.</exception>
    public int Enter()
    {
        var entry = Enumerable.Range(0, MemoryLedger.MaxEntries).FirstOrDefault(i => !_entries.Contains(i), -1);
        if (entry < 0)
        {
            throw new ExecutorUnavailableException($"{MemoryLedger.MaxEntries} executors serve the session; more cannot.");
        }

        _entries.Add(entry);
        _ledger.Extend(entry);
        return entry;
    }

    /// <summary>The executor is about to leave.</summary>
    public void Close(int entry)
    {
        if (!_isDisposed && _entries.Contains(entry))
        {
            _ledger.Close(entry);
        }
    }

    /// <summary>The executor serves the session no more.</summary>
    public void Leave(int entry)
    {
        if (!_isDisposed && _entries.Remove(entry))
        {
            _ledger.Clear(entry);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _ledger.Dispose();
        File.Delete(path);
    }
}
