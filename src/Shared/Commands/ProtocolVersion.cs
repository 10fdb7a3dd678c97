namespace GpuActors.Shared.Commands;

/// <summary>Versions of the protocol that this build speaks.</summary>
public static class ProtocolVersion
{
    /// <summary>The oldest.</summary>
    public const ushort Oldest = 1;

    /// <summary>The newest.</summary>
    public const ushort Newest = 1;

    /// <summary>The newest version that both sides speak, or null when there is none.</summary>
    public static ushort? Choose(ushort peerOldest, ushort peerNewest)
    {
        ushort chosen = Math.Min(Newest, peerNewest);
        return chosen >= Math.Max(Oldest, peerOldest) ? chosen : null;
    }
}
