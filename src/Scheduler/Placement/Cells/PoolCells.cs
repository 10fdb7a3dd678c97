using System.Globalization;
using System.Text;
using GpuActors.Scheduler.Placement.Policies;

namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>
/// The cells of a pool: what they are called, which hosts belong to which, and which epochs each gives. Nothing but
/// arithmetic, the same in every process and version, because it outlives both: hosts keep to it and journals are named by
/// it.
/// </summary>
/// <param name="Pool">The pool's name, which has no <c>~</c>.</param>
/// <param name="Count">How many cells it has, 1 to <see cref="Limit"/>.</param>
public readonly record struct PoolCells(string Pool, int Count)
{
    /// <summary>More cells than that a pool does not have.</summary>
    public const int Limit = 64;

    private const char Separator = '~';
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The names of all cells in the order of their numbers: <c>POOL</c>, <c>POOL~1</c>, ...</summary>
    public string[] Names => [.. Enumerable.Range(0, Count).Select(NameOf)];

    /// <summary>The pool that a cell of that name is of.</summary>
    public static string PoolOf(string cell) => cell.Split(Separator)[0];

    /// <summary>The number of a cell of that name; null stands for cell 0, the only one that pools once had.</summary>
    public static int NumberOf(string? cell) =>
        cell is not null && cell.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and var at
            && int.TryParse(cell.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : 0;

    /// <summary>
    /// How a cell calls itself in what it writes and sends: cell 0 by nothing, so that a pool of one cell writes what it
    /// always wrote.
    /// </summary>
    public static string? SignatureOf(string cell) => NumberOf(cell) == 0 ? null : cell;

    /// <summary>The name of a cell.</summary>
    public string NameOf(int number) =>
        number == 0 ? Pool : string.Create(CultureInfo.InvariantCulture, $"{Pool}{Separator}{number}");

    /// <summary>The cell that is meant by a signature: <see cref="SignatureOf"/> turned round.</summary>
    public string NameOf(string? signature) => signature ?? Pool;

    /// <summary>The name of the cell that a host belongs to.</summary>
    public string CellOf(string host) => NameOf(NumberOfHost(host));

    /// <summary>
    /// The number of the cell that a host belongs to: a jump consistent hash of its name (Lamping and Veach,
    /// arXiv:1406.2294, 2014), so that cells get equally many hosts, and one cell more takes from each of the others its
    /// part and moves no other host.
    /// </summary>
    public int NumberOfHost(string host)
    {
        if (Count == 1)
        {
            return 0;
        }

        var key = new SplitMix64(Fnv(host)).Next(); // FNV alone leaves the upper bits of like names alike
        var (cell, next) = (-1L, 0L);
        while (next < Count)
        {
            cell = next;
            key = (key * 2862933555777941757) + 1;
            next = (long)((cell + 1) * ((double)(1L << 31) / ((key >> 33) + 1)));
        }

        return (int)cell;
    }

    /// <summary>
    /// The epoch of a cell's next reservation. Of several cells each gives numbers of its own only (those that leave its
    /// number when divided by <see cref="Limit"/>), so that an epoch of a session stands for one reservation in the whole
    /// pool.
    /// </summary>
    /// <param name="number">The cell's number.</param>
    /// <param name="last">The last epoch that it, or anybody who asks it, knows of.</param>
    public long EpochAfter(int number, long last)
    {
        var next = last + 1;
        return Count == 1 && number == 0 ? next : next + ((number - (next % Limit) + Limit) % Limit);
    }

    private static ulong Fnv(string text)
    {
        var hash = FnvOffset;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ octet) * FnvPrime;
        }

        return hash;
    }
}
