namespace GpuActors.Actors.Remoting;

/// <summary>One peer as this node sees it at one moment.</summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="Uid">Its newest incarnation; 0 when none was seen yet.</param>
/// <param name="IsConnected">Whether a connection is open.</param>
/// <param name="QueuedMessages">Envelopes waiting to be sent.</param>
/// <param name="QueuedBytes">Bytes waiting to be sent.</param>
/// <param name="DroppedMessages">Messages to the peer that became dead letters on this node.</param>
/// <param name="ReceivedMessages">Messages received from the peer.</param>
public sealed record AssociationStatus(
    Address RemoteAddress, ulong Uid, bool IsConnected, int QueuedMessages, long QueuedBytes, long DroppedMessages,
    long ReceivedMessages);
