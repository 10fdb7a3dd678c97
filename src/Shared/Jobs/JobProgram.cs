namespace GpuActors.Shared.Jobs;

/// <summary>An OpenCL C program.</summary>
/// <param name="Source">The source text.</param>
/// <param name="Options">Options for the compiler, such as <c>-D N=16</c>.</param>
public sealed record JobProgram(string Source, string Options = "");
