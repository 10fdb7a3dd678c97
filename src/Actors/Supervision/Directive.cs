namespace GpuActors.Actors;

/// <summary>What a supervisor decides on a failed child.</summary>
public enum Directive
{
    /// <summary>Go on with the next message, keeping the state.</summary>
    Resume = 0,

    /// <summary>Replace the instance; mailbox and ref stay.</summary>
    Restart = 1,

    /// <summary>Fail oneself.</summary>
    Escalate = 2,

    /// <summary>Stop the child.</summary>
    Stop = 3,
}
