namespace GpuActors.Actors;

/// <summary>Makes <see cref="BackoffOptions"/>.</summary>
public static class Backoff
{
    /// <summary>Starts the child again when it stops, for whatever reason.</summary>
    /// <inheritdoc cref="OnFailure"/>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff,
        double randomFactor, int maxNrOfRetries = -1) =>
        new(childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries, restartsOnStop: true);

    /// <summary>Starts the child again when it fails. When it stops by itself the supervisor stops too.</summary>
    /// <param name="childProps">How to make the child.</param>
    /// <param name="childName">Its name.</param>
    /// <param name="minBackoff">The first pause; each later one is twice as long.</param>
    /// <param name="maxBackoff">The longest pause.</param>
    /// <param name="randomFactor">0.2 makes a pause up to 20 % longer at random, so that many don't start at once.</param>
    /// <param name="maxNrOfRetries">Starts before the supervisor gives up and stops; -1 for no limit.</param>
    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff,
        TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries = -1) =>
        new(childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries, restartsOnStop: false);
}

/// <summary>How a <see cref="BackoffSupervisor"/> treats its child.</summary>
public sealed record BackoffOptions
{
    internal BackoffOptions(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff,
        double randomFactor, int maxNrOfRetries, bool restartsOnStop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(minBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBackoff, minBackoff);
        ArgumentOutOfRangeException.ThrowIfLessThan(randomFactor, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(randomFactor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNrOfRetries, -1);
        ChildProps = childProps;
        ChildName = childName;
        MinBackoff = minBackoff;
        MaxBackoff = maxBackoff;
        RandomFactor = randomFactor;
        MaxNumberOfRetries = maxNrOfRetries;
        RestartsOnStop = restartsOnStop;
        ResetAfter = minBackoff;
    }

    internal Props ChildProps { get; }

    internal string ChildName { get; }

    internal TimeSpan MinBackoff { get; }

    internal TimeSpan MaxBackoff { get; }

    internal double RandomFactor { get; }

    internal int MaxNumberOfRetries { get; }

    internal bool RestartsOnStop { get; }

    internal TimeSpan? ResetAfter { get; private init; }

    internal Func<Exception, Directive> Decider { get; private init; } = SupervisorStrategy.DefaultDecider;

    internal object? ReplyWhileStopped { get; private init; }

    /// <summary>Starts with the shortest pause again after the child ran for so long; <c>minBackoff</c> by default.</summary>
    public BackoffOptions WithAutoReset(TimeSpan resetAfter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(resetAfter, TimeSpan.Zero);
        return this with { ResetAfter = resetAfter };
    }

    /// <summary>Starts with the shortest pause again only after <see cref="BackoffSupervisor.Reset"/>.</summary>
    public BackoffOptions WithManualReset() => this with { ResetAfter = null };

    /// <summary>Which failures restart the child, at once or after a pause as the kind of options says.</summary>
    public BackoffOptions WithDecider(Func<Exception, Directive> decider) => this with { Decider = decider };

    /// <summary>Stops the child on each failure.</summary>
    public BackoffOptions WithDefaultStoppingStrategy() => WithDecider(static _ => Directive.Stop);

    /// <summary>What to answer while there is no child; without it messages become dead letters.</summary>
    public BackoffOptions WithReplyWhileStopped(object reply) => this with { ReplyWhileStopped = reply };
}
