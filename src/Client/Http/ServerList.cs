namespace GpuActors.Client.Http;

/// <summary>The servers, of which one is in use until it fails.</summary>
internal sealed class ServerList(IReadOnlyList<Uri> servers)
{
    private int _current;

    public int Count => servers.Count;

    public Uri Current => servers[Volatile.Read(ref _current)];

    /// <summary>Goes on to the next server, unless somebody else has already left <paramref name="failed"/>.</summary>
    public void Leave(Uri failed)
    {
        int current = Volatile.Read(ref _current);
        if (servers[current] == failed)
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % servers.Count, current);
        }
    }
}
