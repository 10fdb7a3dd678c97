namespace GpuActors.Shared.Configuration;

/// <summary>Where a value was written.</summary>
/// <param name="Source">The file as it was named, <c>text</c>, or <c>environment variable NAME</c>.</param>
/// <param name="Line">From 1; 0 when the source has no lines.</param>
/// <param name="Column">In UTF-16 units, from 1; 0 when the source has no lines.</param>
public readonly record struct ConfigOrigin(string Source, int Line, int Column)
{
    /// <summary><c>file:line:column</c>, or only the source when it has no lines.</summary>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}
