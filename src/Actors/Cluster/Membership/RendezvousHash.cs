using System.Runtime.InteropServices;

namespace GpuActors.Actors.Cluster;

/// <summary>
/// Rendezvous hashing (highest random weight; Thaler and Ravishankar 1998): every node computes the same owner of a
/// key from the same members, and when a member comes or goes only the keys that it wins or held move. Pure.
/// </summary>
internal static class RendezvousHash
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The candidate with the highest weight for <paramref name="key"/>; null without candidates.</summary>
    public static Member? OwnerOf(string key, IReadOnlyList<Member> candidates)
    {
        Member? best = null;
        var bestWeight = 0UL;
        foreach (var candidate in candidates)
        {
            var weight = WeightOf(key, candidate.Address);
            if (best is null || weight > bestWeight
                || (weight == bestWeight && candidate.Address.CompareTo(best.Address) < 0))
            {
                (best, bestWeight) = (candidate, weight);
            }
        }

        return best;
    }

    /// <summary>By address, so that a node that restarts gets its old shards back.</summary>
    private static ulong WeightOf(string key, Address address)
    {
        var hash = Add(FnvOffset, key);
        hash = Add((hash ^ '@') * FnvPrime, address.System);
        hash = Add((hash ^ '@') * FnvPrime, address.Host ?? "");
        return Mix((hash ^ (uint)(address.Port ?? 0)) * FnvPrime);
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var octet in MemoryMarshal.AsBytes(text.AsSpan()))
        {
            hash = (hash ^ octet) * FnvPrime;
        }

        return hash;
    }

    /// <summary>Finalizer of SplitMix64 (Steele, Lea and Flood 2014): FNV alone leaves the upper bits alike.</summary>
    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
