namespace GpuActors.Node;

/// <summary>A node that another process can take the place of.</summary>
public interface IReplaceableNode : IAsyncDisposable
{
    /// <summary>Completes with the reason, for people, when another process has taken this node's name.</summary>
    Task<string> TakenOver { get; }

    /// <summary>Completes when this node has handed over what it owned and left, because an operator said so.</summary>
    Task Left { get; }
}

/// <summary>Another process has taken the name of a node that was being started. The message is for people.</summary>
public sealed class NodeTakenOverException(string message) : Exception(message);
