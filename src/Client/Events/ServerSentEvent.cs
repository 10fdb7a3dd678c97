namespace GpuActors.Client.Events;

/// <summary>One event of a stream. A comment, which servers send to keep a stream alive, has no name and no data.</summary>
internal readonly record struct ServerSentEvent(string? Id, string Name, string Data)
{
    public bool IsKeepAlive => Name.Length == 0;
}
