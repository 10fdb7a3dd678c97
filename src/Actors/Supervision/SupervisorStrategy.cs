using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

/// <summary>Decides on failed children.</summary>
public abstract class SupervisorStrategy
{
    private readonly Func<Exception, Directive> _decider;

    private protected SupervisorStrategy(int maxNrOfRetries, TimeSpan? withinTimeRange,
        Func<Exception, Directive>? decider)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNrOfRetries, -1);
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRange = withinTimeRange is { } range && range != Timeout.InfiniteTimeSpan ? range : null;
        _decider = decider ?? DefaultDecider;
    }

    /// <summary>Restarts each failed child; stops it when it was killed or did not start.</summary>
    public static SupervisorStrategy DefaultStrategy { get; } = new OneForOneStrategy(DefaultDecider);

    /// <summary>Stops each failed child.</summary>
    public static SupervisorStrategy StoppingStrategy { get; } = new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>Restarts allowed within <see cref="WithinTimeRange"/>; -1 for no limit.</summary>
    public int MaxNumberOfRetries { get; }

    /// <summary>The window in which restarts count; null counts all.</summary>
    public TimeSpan? WithinTimeRange { get; }

    /// <summary>Whether decisions are logged.</summary>
    public bool LoggingEnabled { get; init; } = true;

    /// <summary>Stop for actors that were killed, did not start or did not handle a death; otherwise restart.</summary>
    public static Directive DefaultDecider(Exception cause) => cause switch
    {
        ActorInitializationException or ActorKilledException or DeathPactException => Directive.Stop,
        _ => Directive.Restart,
    };

    /// <summary>The directive for an exception.</summary>
    public Directive Decide(Exception cause) => _decider(cause);

    /// <summary>Applies the decision; false when the parent itself must fail.</summary>
    internal bool HandleFailure(ActorCell parent, ActorCell child, Exception cause)
    {
        var directive = Decide(cause);
        switch (directive)
        {
            case Directive.Resume:
                Log(parent, child, cause, directive);
                child.SendSystemMessage(new Resume(AfterFailure: true));
                return true;
            case Directive.Restart or Directive.Stop:
                Apply(parent, child, cause, directive);
                return true;
            case Directive.Escalate:
                return false;
            default:
                throw new InvalidOperationException($"The decider of {parent.Path} returned {directive}.");
        }
    }

    private protected abstract void Apply(ActorCell parent, ActorCell child, Exception cause, Directive directive);

    private protected bool MayRestart(ActorCell child) => child.RestartLimiter.TryRestart(
        MaxNumberOfRetries, WithinTimeRange, child.System.Runtime.Time);

    private protected void Log(ActorCell parent, ActorCell child, Exception cause, Directive directive)
    {
        if (LoggingEnabled)
        {
            var level = directive == Directive.Resume ? LogLevel.Warning : LogLevel.Error;
            parent.System.Log.Log(level, cause, "{Path} failed, directive {Directive}: {Message}", child.Path, directive,
                cause.Message);
        }
    }
}

/// <summary>Applies the decision to the failed child alone.</summary>
public sealed class OneForOneStrategy : SupervisorStrategy
{
    /// <param name="maxNrOfRetries">Restarts of a child before it is stopped; -1 for no limit.</param>
    /// <param name="withinTimeRange">The window in which restarts count; null counts all.</param>
    /// <param name="decider">What to do about an exception.</param>
    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> decider)
        : base(maxNrOfRetries ?? -1, withinTimeRange, decider)
    {
    }

    /// <summary>Without limits.</summary>
    public OneForOneStrategy(Func<Exception, Directive> decider)
        : base(-1, null, decider)
    {
    }

    private protected override void Apply(ActorCell parent, ActorCell child, Exception cause, Directive directive)
    {
        if (directive == Directive.Restart && MayRestart(child))
        {
            Log(parent, child, cause, Directive.Restart);
            child.SendSystemMessage(new Restart(cause));
            return;
        }

        Log(parent, child, cause, Directive.Stop);
        child.StopByParent();
    }
}

/// <summary>Applies the decision to all children when one fails.</summary>
public sealed class AllForOneStrategy : SupervisorStrategy
{
    /// <inheritdoc cref="OneForOneStrategy(int?, TimeSpan?, Func{Exception, Directive})"/>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> decider)
        : base(maxNrOfRetries ?? -1, withinTimeRange, decider)
    {
    }

    /// <summary>Without limits.</summary>
    public AllForOneStrategy(Func<Exception, Directive> decider)
        : base(-1, null, decider)
    {
    }

    private protected override void Apply(ActorCell parent, ActorCell child, Exception cause, Directive directive)
    {
        var restarts = directive == Directive.Restart && MayRestart(child);
        Log(parent, child, cause, restarts ? Directive.Restart : Directive.Stop);
        foreach (var each in parent.Children!.Snapshot())
        {
            if (!restarts)
            {
                each.StopByParent();
                continue;
            }

            if (each != child)
            {
                each.SendSystemMessage(Suspend.Instance);
            }

            each.SendSystemMessage(new Restart(cause));
        }
    }
}
