namespace GpuActors.Shared.Simulation;

/// <summary>
/// A command that the shell offers and the scheduler's program runs: both are made from this description, so that help,
/// completion and what is understood cannot differ.
/// </summary>
/// <param name="Name">The command's name.</param>
/// <param name="Summary">What it does, a sentence.</param>
/// <param name="Options">What it takes; <c>--json</c> comes from the shell, which has it everywhere.</param>
public sealed record CommandDescription(string Name, string Summary, IReadOnlyList<OptionDescription> Options);

/// <summary>An option of a command.</summary>
/// <param name="Name">Its name with both dashes.</param>
/// <param name="Value">What its value is called, such as <c>FILE</c>; null for one that is there or not.</param>
/// <param name="Text">What it does, a sentence with the default.</param>
/// <param name="IsMany">Several values may follow.</param>
public sealed record OptionDescription(string Name, string? Value, string Text, bool IsMany = false);
