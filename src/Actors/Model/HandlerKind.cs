using System.Runtime.CompilerServices;

namespace GpuActors.Actors;

/// <summary>
/// How to call a handler: which type of message it takes and what kind of delegate it is. One instance for each
/// combination, shared by all actors, so that an actor itself holds only its delegates.
/// </summary>
internal abstract class HandlerKind
{
    public abstract Type MessageType { get; }

    /// <summary>Calls a handler whose type fits; false when it declined.</summary>
    public abstract bool Invoke(ActorBase actor, Delegate handler, object message);

    /// <summary>
    /// The message as <typeparamref name="T"/> without a second type check: <see cref="HandlerTable"/> has matched the
    /// type, and the pair of kind and delegate was made in one place.
    /// </summary>
    protected static T As<T>(object message) =>
        typeof(T).IsValueType ? (T)message : Unsafe.As<object, T>(ref message);
}

internal sealed class ActionKind<T> : HandlerKind
{
    public static readonly ActionKind<T> Instance = new();

    public override Type MessageType => typeof(T);

    public override bool Invoke(ActorBase actor, Delegate handler, object message)
    {
        Unsafe.As<Action<T>>(handler)(As<T>(message));
        return true;
    }
}

internal sealed class FunctionKind<T> : HandlerKind
{
    public static readonly FunctionKind<T> Instance = new();

    public override Type MessageType => typeof(T);

    public override bool Invoke(ActorBase actor, Delegate handler, object message) =>
        Unsafe.As<Func<T, bool>>(handler)(As<T>(message));
}

internal sealed class TaskKind<T> : HandlerKind
{
    public static readonly TaskKind<T> Instance = new();

    public override Type MessageType => typeof(T);

    public override bool Invoke(ActorBase actor, Delegate handler, object message)
    {
        actor.Cell.RunTask(Unsafe.As<Func<T, Task>>(handler), As<T>(message));
        return true;
    }
}
