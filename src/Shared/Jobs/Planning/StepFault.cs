namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Why a step cannot be done as it is written.</summary>
/// <param name="Place">The field at fault.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record StepFault(JsonPointer Place, string Message);
