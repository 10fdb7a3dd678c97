namespace GpuActors.Actors;

/// <summary>A message that reached no actor; published on the event stream. Local and best effort.</summary>
public sealed record DeadLetter(object Message, IActorRef? Sender, IActorRef Recipient);

/// <summary>A message that its actor did not handle; published on the event stream.</summary>
public sealed record UnhandledMessage(object Message, IActorRef? Sender, IActorRef Recipient);
