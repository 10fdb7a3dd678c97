using System.Globalization;
using System.Reflection;

namespace GpuActors.Actors;

/// <summary>How to make an actor. Immutable; may be used for any number of actors.</summary>
public sealed record Props
{
    private readonly Func<ActorBase> _factory;

    private Props(Type actorType, Func<ActorBase> factory)
    {
        ActorType = actorType;
        _factory = factory;
    }

    /// <summary>The actor's class.</summary>
    public Type ActorType { get; }

    /// <summary>Most messages that wait in the mailbox; null for no limit. What doesn't fit becomes a dead letter.</summary>
    public int? MailboxCapacity { get; private init; }

    /// <summary>Most messages in the stash; null takes <see cref="ActorSystemSettings.StashCapacity"/>.</summary>
    public int? StashCapacity { get; private init; }

    /// <summary>Replaces the strategy that the actor itself gives.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; private init; }

    /// <summary>An actor made by its parameterless constructor.</summary>
    public static Props Create<T>()
        where T : ActorBase, new() => new(typeof(T), static () => new T());

    /// <summary>An actor made by a function, which must make a new one each time.</summary>
    public static Props Create<T>(Func<T> factory)
        where T : ActorBase => new(typeof(T), factory);

    /// <summary>An actor made by the constructor that takes these arguments.</summary>
    /// <exception cref="ArgumentException">No or more than one constructor takes them.</exception>
    public static Props Create<T>(params object?[] args)
        where T : ActorBase => Create(typeof(T), args);

    /// <inheritdoc cref="Create{T}(object[])"/>
    public static Props Create(Type actorType, params object?[] args)
    {
        if (!actorType.IsAssignableTo(typeof(ActorBase)) || actorType.IsAbstract)
        {
            throw new ArgumentException($"{actorType} is not a class of actors that can be made.", nameof(actorType));
        }

        var constructor = FindConstructor(actorType, args);
        var parameters = constructor.GetParameters();
        object?[] all = [.. args, .. parameters.Skip(args.Length).Select(p => p.DefaultValue)];
        var invoker = ConstructorInvoker.Create(constructor);
        return new Props(actorType, () => (ActorBase)invoker.Invoke(all));
    }

    /// <summary>With a mailbox for at most so many waiting messages.</summary>
    public Props WithMailbox(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return this with { MailboxCapacity = capacity };
    }

    /// <summary>With a stash for at most so many messages.</summary>
    public Props WithStashCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return this with { StashCapacity = capacity };
    }

    public Props WithSupervisorStrategy(SupervisorStrategy strategy) => this with { SupervisorStrategy = strategy };

    internal ActorBase NewActor() => _factory();

    private static ConstructorInfo FindConstructor(Type type, object?[] args)
    {
        var fitting = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(c => Takes(c.GetParameters(), args)).ToArray();
        if (fitting.Length == 1)
        {
            return fitting[0];
        }

        var given = string.Join(", ", args.Select(a => a?.GetType().Name ?? "null"));
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"{fitting.Length} constructors of {type} take ({given}); expected exactly one."));
    }

    private static bool Takes(ParameterInfo[] parameters, object?[] args)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            var type = parameters[i].ParameterType;
            var fits = i >= args.Length
                ? parameters[i].HasDefaultValue
                : args[i] is { } arg ? type.IsInstanceOfType(arg) : !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;
            if (!fits)
            {
                return false;
            }
        }

        return parameters.Length >= args.Length;
    }
}
