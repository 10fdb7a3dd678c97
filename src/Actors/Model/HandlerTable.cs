namespace GpuActors.Actors;

/// <summary>One behavior of a <see cref="ReceiveActor"/>: a shared shape, and the actor's own delegates for it.</summary>
internal sealed class HandlerTable
{
    private HandlerShape _shape = HandlerShape.Empty;
    private Delegate[] _handlers = [];

    public void Add(HandlerKind kind, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var index = _shape.Count;
        _shape = _shape.With(kind);
        if (index == _handlers.Length)
        {
            Array.Resize(ref _handlers, index == 0 ? 1 : index * 2);
        }

        _handlers[index] = handler;
    }

    /// <summary>Gives the message to the first handler that takes it; false when none does.</summary>
    public bool Receive(ActorBase actor, object message)
    {
        var shape = _shape;
        var type = message.GetType();
        var index = shape.FirstFitFor(type);
        while (index < shape.Count)
        {
            if (shape[index].Invoke(actor, _handlers[index], message))
            {
                return true;
            }

            index = shape.NextFit(type, index + 1);
        }

        return false;
    }
}
