using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Built programs of this process, least recently used first out. A process serves one tenant, so nothing crosses
/// tenants; and only programs of OpenCL C 1.x are kept, which have no program-scope variables that a later session
/// could find changed.
/// </summary>
internal sealed class ProgramCache(int capacity)
{
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    public int Count => _entries.Count;

    public ulong Hits { get; private set; }

    /// <summary>The built program, retained for the caller, with its log; or null.</summary>
    public (ProgramHandle Program, string Log)? Find(nint device, byte[] source, string options)
    {
        if (!_entries.TryGetValue(new Key(device, HashOf(source, options)), out LinkedListNode<Entry>? node))
            return null;
        _byUse.Remove(node);
        _byUse.AddLast(node);
        Hits++;
        return (node.Value.Program.Retain(), node.Value.Log);
    }

    /// <summary>Keeps a program that was built without error.</summary>
    public void Add(nint device, byte[] source, string options, ProgramHandle program, string log)
    {
        if (capacity == 0 || !HasNoState(options))
            return;
        var key = new Key(device, HashOf(source, options));
        if (_entries.ContainsKey(key))
            return;
        if (_entries.Count == capacity)
            Evict(_byUse.First!);
        _entries.Add(key, _byUse.AddLast(new Entry(key, program.Retain(), log)));
    }

    private void Evict(LinkedListNode<Entry> oldest)
    {
        _byUse.Remove(oldest);
        _entries.Remove(oldest.Value.Key);
        oldest.Value.Program.Release();
    }

    /// <summary>Without <c>-cl-std</c>, and with one of 1.x, the language is OpenCL C 1.2 at most.</summary>
    private static bool HasNoState(string options)
    {
        const string Standard = "-cl-std";
        int at = options.IndexOf(Standard, StringComparison.Ordinal);
        return at < 0 || (options.AsSpan(at + Standard.Length).TrimStart(" =").StartsWith("CL1")
            && options.IndexOf(Standard, at + 1, StringComparison.Ordinal) < 0);
    }

    private static string HashOf(byte[] source, string options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(source.Length));
        hash.AppendData(source);
        hash.AppendData(Encoding.UTF8.GetBytes(options));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private readonly record struct Key(nint Device, string Hash);

    private sealed record Entry(Key Key, ProgramHandle Program, string Log);
}
